/** What the adapters take are what these packages give; nothing of them is run. */
import type { TextGenerationPipeline } from "@huggingface/transformers";
import type { CreateMLCEngine, MLCEngineInterface } from "@mlc-ai/web-llm";
import type { LanguageModel as Used } from "../../src/hybrid/built-in.js";
import { type Answerer, transformers, webLLM } from "../../src/hybrid/index.js";

export function makeAnswerers(engine: MLCEngineInterface, create: typeof CreateMLCEngine): Answerer[] {
  const load = () => create("a-model", { initProgressCallback: ({ progress }) => progress });
  return [webLLM(engine), webLLM(load)];
}

export function makeFromPipeline(pipeline: TextGenerationPipeline): Answerer[] {
  return [transformers(pipeline), transformers(() => Promise.resolve(pipeline))];
}

/** The browser's own interface has all that the adapter uses. */
export function asUsed(session: LanguageModel): Used {
  return session;
}
