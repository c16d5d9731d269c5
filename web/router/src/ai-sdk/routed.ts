import type {
  JSONObject,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { computeCost } from "../hybrid/money.js";
import type { RoutingResponse } from "../page/response.js";
import { readPrompt } from "./conversation.js";

/** What a router has to have; `Router` of tiny-dancer does. */
export interface RoutingRouter {
  route(request: { prompt: string; signal?: AbortSignal }): PromiseLike<RoutingResponse>;
  /** The numbers alone: nothing is counted or kept. */
  score(request: { prompt: string; signal?: AbortSignal }): PromiseLike<RoutingResponse>;
}

/** Money for a million tokens. */
export interface Price {
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface RoutedOptions {
  readonly router: RoutingRouter;
  readonly light: LanguageModelV4;
  /** Takes what holds files too, and whatever else has no model of its own. */
  readonly powerful: LanguageModelV4;
  /** More of them, by the bundle's own names. */
  readonly models?: Readonly<Record<string, LanguageModelV4>>;
  /** By `light`, `powerful` or the bundle's own names; without them cost and saving are null. */
  readonly prices?: Readonly<Record<string, Price>>;
}

interface Chosen {
  readonly model: LanguageModelV4;
  readonly describe: (usage: LanguageModelV4Usage | undefined) => JSONObject;
}

/**
 * A language model that answers with one of two or more, by the last user turn. Tools, schemas, aborts,
 * usage and warnings are the chosen model's; `providerMetadata.tinyDancer` holds the decision.
 */
export function routed({ router, light, powerful, models = {}, prices = {} }: RoutedOptions): LanguageModelV4 {
  if (typeof (router as RoutingRouter | undefined)?.route !== "function") {
    throw new TypeError("routed: router: a router is needed, such as await Router.load()");
  }
  for (const [name, model] of Object.entries({ ...models, light, powerful })) {
    if ((model as LanguageModelV4 | undefined)?.specificationVersion !== "v4") {
      throw new TypeError(`routed: ${name}: a language model of AI SDK 7 is needed, such as openai("small")`);
    }
  }

  async function choose({ prompt, abortSignal }: LanguageModelV4CallOptions): Promise<Chosen> {
    abortSignal?.throwIfAborted();
    const { text, hasFiles } = readPrompt(prompt);
    const request = { prompt: text, ...(abortSignal && { signal: abortSignal }) };
    // The router reads no files: the powerful model has to, whatever the text says.
    const response = hasFiles ? await asPowerful(router.score(request)) : await router.route(request);
    const name = Object.hasOwn(models, response.model) ? response.model : nameModel(response);
    const price = (model: string) => (Object.hasOwn(prices, model) ? prices[model] : undefined);
    return {
      model: models[name] ?? (name === "light" ? light : powerful),
      describe: (usage) => {
        const tokens = readTokens(usage);
        const cost = computeCost(price(name), tokens);
        const most = computeCost(price("powerful"), tokens);
        const { confidence, uncertainty } = response;
        const saved = cost === null || most === null ? null : most - cost;
        return { decision: toJson(response), servedBy: name, confidence, uncertainty, cost, saved };
      },
    };
  }

  return {
    specificationVersion: "v4",
    provider: "tiny-dancer",
    modelId: "auto",
    get supportedUrls() {
      return powerful.supportedUrls; // files go there alone
    },
    async doGenerate(options) {
      const { model, describe } = await choose(options);
      const result = await model.doGenerate(options);
      const providerMetadata = { ...result.providerMetadata, tinyDancer: describe(result.usage) };
      return { ...result, providerMetadata };
    },
    async doStream(options) {
      const { model, describe } = await choose(options);
      const result = await model.doStream(options);
      return { ...result, stream: result.stream.pipeThrough(markEnd(describe)) };
    },
  };
}

function nameModel({ model, useLightweight, probabilities }: RoutingResponse): "light" | "powerful" {
  // With two models, light is whatever is not powerful; with more, the middle ones need a name.
  return model === "light" || (useLightweight && probabilities.length <= 2) ? "light" : "powerful";
}

async function asPowerful(scored: PromiseLike<RoutingResponse>): Promise<RoutingResponse> {
  return { ...(await scored), model: "powerful", useLightweight: false, reason: "capability" };
}

/** The stream with the decision in the metadata of its last part. */
function markEnd(describe: Chosen["describe"]): TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart> {
  return new TransformStream({
    transform(part, controller) {
      if (part.type !== "finish") {
        controller.enqueue(part);
        return;
      }
      const providerMetadata = { ...part.providerMetadata, tinyDancer: describe(part.usage) };
      controller.enqueue({ ...part, providerMetadata });
    },
  });
}

function readTokens(usage: LanguageModelV4Usage | undefined): Price | undefined {
  const tokensIn = usage?.inputTokens.total;
  const tokensOut = usage?.outputTokens.total;
  return tokensIn === undefined || tokensOut === undefined ? undefined : { tokensIn, tokensOut };
}

function toJson(response: RoutingResponse): JSONObject {
  return JSON.parse(JSON.stringify(response)) as JSONObject;
}
