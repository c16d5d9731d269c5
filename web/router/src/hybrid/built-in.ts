/** The browser's own model, through the Prompt API. */
import { type Answer, type Answerer, type Availability, type Ending, FREE, type PrepareOptions, type Question } from "./answerer.js";
import { NotAvailableError } from "./errors.js";
import { type Message, readText } from "./request.js";

/** As the browser declares it; the parts that are used. */
export interface LanguageModel {
  prompt(input: Prompt[], options: PromptOptions): Promise<string>;
  promptStreaming(input: Prompt[], options: PromptOptions): ReadableStream<string>;
  measureContextUsage?(input: Prompt[]): Promise<number>;
  clone(options: { signal: AbortSignal }): Promise<LanguageModel>;
  destroy(): void;
  readonly contextUsage?: number;
  readonly contextWindow?: number;
}

interface LanguageModelFactory {
  availability(options?: object): Promise<Availability>;
  create(options?: object): Promise<LanguageModel>;
}

interface Prompt {
  role: "user" | "assistant";
  content: string;
}

interface PromptOptions {
  signal: AbortSignal;
  responseConstraint?: Record<string, unknown>;
}

/** What `LanguageModel.create` takes, but for `signal` and `monitor`. */
export interface BuiltInOptions {
  readonly name?: string;
  readonly expectedInputs?: readonly object[];
  readonly expectedOutputs?: readonly object[];
  readonly initialPrompts?: readonly object[];
  readonly samplingMode?: string;
}

interface Asking {
  readonly session: LanguageModel;
  readonly prompts: Prompt[];
  readonly options: PromptOptions;
  readonly before: number;
}

/** The answerer. It works on a page alone: no browser has the model in a worker. */
export function builtIn({ name = "built-in", ...options }: BuiltInOptions = {}): Answerer {
  if ("WorkerGlobalScope" in globalThis) {
    throw new NotAvailableError("builtIn: LanguageModel is there on a page, not in a worker; load the Hybrid on the page");
  }
  let base: Promise<LanguageModel> | undefined;
  let isStarted = false;

  const availability = async (): Promise<Availability> => {
    if (isStarted) return "available";
    return (await findFactory()?.availability(options)) ?? "unavailable";
  };

  /** The session that others are cloned from; nothing is ever asked of it. */
  const start = (prepare: PrepareOptions): Promise<LanguageModel> => {
    base ??= create(options, prepare).then(
      (session) => {
        isStarted = true;
        return session;
      },
      (error: unknown) => {
        base = undefined; // the next call tries again
        throw error;
      },
    );
    return base;
  };

  /** A session of this conversation's own. */
  const open = async ({ messages, schema, signal }: Question): Promise<Asking> => {
    if (!isStarted && (await availability()) !== "available") {
      throw new NotAvailableError(`${name}: it is not there yet: call \`prepare()\` from a user's gesture`);
    }
    const system = messages.filter(isSystem).map(readText).join("\n\n");
    const session = system
      ? await create({ ...options, initialPrompts: [{ role: "system", content: system }] }, { signal })
      : await (await start({})).clone({ signal });
    const prompts = messages.filter((message) => !isSystem(message)).map(toPrompt);
    const constraint = schema && { responseConstraint: schema as Record<string, unknown> };
    return { session, prompts, options: { signal, ...constraint }, before: session.contextUsage ?? 0 };
  };

  return {
    name,
    accepts: [],
    onDevice: true,
    price: FREE,
    availability,
    async prepare(prepare) {
      await start(prepare);
    },
    async answer(question): Promise<Answer> {
      const asking = await open(question);
      try {
        const text = await asking.session.prompt(asking.prompts, asking.options);
        return { text, ...(await describeEnd(asking)) };
      } finally {
        asking.session.destroy();
      }
    },
    async *stream(question): AsyncGenerator<string, Ending> {
      const asking = await open(question);
      const reader = asking.session.promptStreaming(asking.prompts, asking.options).getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return await describeEnd(asking);
          yield value;
        }
      } finally {
        reader.cancel().catch(() => undefined); // where whoever reads left before the end
        asking.session.destroy();
      }
    },
    async close() {
      const started = base;
      base = undefined;
      isStarted = false;
      (await started?.catch(() => undefined))?.destroy();
    },
  };
}

function findFactory(): LanguageModelFactory | undefined {
  return (globalThis as { LanguageModel?: LanguageModelFactory }).LanguageModel;
}

/** Called within the user's gesture, which a download needs: nothing is awaited before. */
async function create(options: object, { signal, onProgress }: PrepareOptions): Promise<LanguageModel> {
  const factory = findFactory();
  if (!factory) throw new NotAvailableError("builtIn: this browser has no LanguageModel");
  const monitor = (target: EventTarget) => {
    target.addEventListener("downloadprogress", (event) => {
      const { loaded, total } = event as ProgressEvent;
      onProgress?.({ loaded, total });
    });
  };
  try {
    return await factory.create({ ...options, ...(signal && { signal }), ...(onProgress && { monitor }) });
  } catch (error) {
    signal?.throwIfAborted();
    const { name, message } = error as Error;
    const hint = name === "NotAllowedError" ? "; the download needs a user's gesture: call `prepare()` in a click" : "";
    throw new NotAvailableError(`builtIn: ${name}: ${message}${hint}`, { cause: error });
  }
}

function isSystem({ role }: Message): boolean {
  return role === "system" || role === "developer";
}

function toPrompt(message: Message): Prompt {
  return { role: message.role === "assistant" ? "assistant" : "user", content: readText(message) };
}

/** Tokens, as far as this browser counts them; a context that is full has cut the answer off. */
async function describeEnd({ session, prompts, before }: Asking): Promise<Ending> {
  const { contextUsage, contextWindow } = session;
  const finishReason = contextUsage !== undefined && contextUsage >= (contextWindow ?? Infinity) ? "length" : "stop";
  const tokensIn = await session.measureContextUsage?.(prompts).catch(() => undefined);
  if (contextUsage === undefined || tokensIn === undefined) return { finishReason };
  return { finishReason, usage: { tokensIn, tokensOut: Math.max(0, contextUsage - before - tokensIn) } };
}

