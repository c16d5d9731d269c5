/** An engine of WebLLM, which runs a model on the GPU of this device. */
import { type Answer, type Answerer, type Ending, FREE, type PrepareOptions, type Question } from "./answerer.js";
import { ChunkReader, readCompletion, toFields } from "./completion.js";
import { Queue } from "./queue.js";
import type { Need } from "./request.js";
import { type Load, makeSource } from "./source.js";

/** What is used of `MLCEngineInterface`. */
export interface WebLLMEngine {
  readonly chat: { readonly completions: { create(request: never): Promise<unknown> } };
  interruptGenerate(): void;
  unload(): Promise<void>;
}

export interface WebLLMOptions {
  readonly name?: string;
  /** More fields of each request, such as `temperature`. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** `["tools"]` for a model that calls tools. */
  readonly accepts?: readonly Need[];
}

/** The answerer; given a function instead of an engine, `prepare` calls it for the download. */
export function webLLM(engine: WebLLMEngine | Load<WebLLMEngine>, options: WebLLMOptions = {}): Answerer {
  const { name = "web-llm", accepts = [], body } = options;
  const load = typeof engine === "function" ? engine : undefined;
  const source = makeSource(name, typeof engine === "function" ? undefined : engine, load);
  const queue = new Queue();

  /** Runs in turn; an abort interrupts this generation and no other. */
  async function* generate(question: Question, isStream: boolean): AsyncGenerator<unknown, void> {
    const leave = await queue.enter(question.signal);
    const running = source.get();
    const interrupt = () => {
      running.interruptGenerate();
    };
    let isOver = false;
    question.signal.addEventListener("abort", interrupt, { once: true });
    try {
      const fields = { ...body, ...toFields(question), ...toFormat(question), ...(isStream && STREAM) };
      const answer = await running.chat.completions.create(fields as never);
      isOver = !isStream;
      if (isStream) yield* answer as AsyncIterable<unknown>;
      else yield answer;
      isOver = true;
    } finally {
      question.signal.removeEventListener("abort", interrupt);
      if (!isOver && !question.signal.aborted) interrupt(); // whoever read left before the end
      leave();
    }
  }

  return {
    name,
    accepts,
    onDevice: true,
    price: FREE,
    availability: () => source.availability(),
    prepare: (prepare: PrepareOptions) => source.prepare(prepare),
    async answer(question): Promise<Answer> {
      for await (const completion of generate(question, false)) return readCompletion(name, completion);
      throw new Error("unreachable");
    },
    async *stream(question): AsyncGenerator<string, Ending> {
      const reader = new ChunkReader(name);
      for await (const chunk of generate(question, true)) yield reader.read(chunk);
      question.signal.throwIfAborted();
      return reader.end(false);
    },
    async close() {
      if (source.availability() === "available" && load) await source.get().unload(); // what was given is not ours
    },
  };
}

const STREAM = { stream: true, stream_options: { include_usage: true } };

/** WebLLM takes a schema as text. */
function toFormat({ schema }: Question): object {
  return schema ? { response_format: { type: "json_object", schema: JSON.stringify(schema) } } : {};
}
