/** A text-generation pipeline of transformers.js. */
import { type Answer, type Answerer, type Ending, FREE, type Question } from "./answerer.js";
import { Parts } from "./parts.js";
import { Queue } from "./queue.js";
import { readText } from "./request.js";
import { type Load, makeSource } from "./source.js";

/** What is used of `TextGenerationPipeline`. */
export interface TransformersPipeline {
  (messages: never, options: never): Promise<unknown>;
  readonly tokenizer: { decode(tokens: never, options: never): string };
  dispose(): Promise<unknown>;
}

export interface TransformersOptions {
  readonly name?: string;
  /** Tokens of an answer; 1,024. */
  readonly maxTokens?: number;
  /** More options of the generation, such as `do_sample`. */
  readonly generation?: Readonly<Record<string, unknown>>;
}

interface Generated {
  readonly generated_text: readonly { readonly content: string }[];
}

/** The answerer; given a function that downloads the pipeline, `prepare` calls it. */
export function transformers(
  pipeline: TransformersPipeline | Load<TransformersPipeline>,
  options: TransformersOptions = {},
): Answerer {
  const { name = "transformers", maxTokens = 1024, generation } = options;
  const given = "tokenizer" in pipeline ? pipeline : undefined; // a pipeline is a function too
  const load = given ? undefined : (pipeline as Load<TransformersPipeline>);
  const source = makeSource(name, given, load);
  const queue = new Queue();

  const generate = async ({ messages, signal }: Question, take: (part: string) => void): Promise<Answer> => {
    const leave = await queue.enter(signal);
    try {
      const running = source.get();
      const streamer = new TokenReader(running.tokenizer, signal, take);
      const chat = messages.map((message) => ({ role: message.role, content: readText(message) }));
      const settings = { max_new_tokens: maxTokens, ...generation, streamer };
      const [first] = (await running(chat as never, settings as never)) as Generated[];
      const finishReason = streamer.tokensOut >= settings.max_new_tokens ? "length" : "stop";
      const { tokensIn, tokensOut } = streamer;
      return { text: first?.generated_text.at(-1)?.content ?? "", finishReason, usage: { tokensIn, tokensOut } };
    } finally {
      leave();
    }
  };

  return {
    name,
    accepts: [],
    onDevice: true,
    price: FREE,
    availability: () => source.availability(),
    prepare: (prepare) => source.prepare(prepare),
    answer: (question) => generate(question, () => undefined),
    async *stream(question): AsyncGenerator<string, Ending> {
      const left = new AbortController();
      const signal = AbortSignal.any([question.signal, left.signal]);
      const parts = new Parts(
        (take) => generate({ ...question, signal }, take),
        () => {
          left.abort();
        },
      );
      yield* parts;
      const { text: _, ...ending } = await parts.result;
      return ending;
    },
    async close() {
      if (source.availability() === "available" && load) await source.get().dispose(); // what was given is not ours
    },
  };
}

/** A streamer as `generate` wants it: first the prompt's tokens, then those of the answer. */
class TokenReader {
  tokensIn = 0;
  #tokens: bigint[] = [];
  #given = "";
  #isPrompt = true;
  readonly #tokenizer: TransformersPipeline["tokenizer"];
  readonly #signal: AbortSignal;
  readonly #take: (part: string) => void;

  constructor(tokenizer: TransformersPipeline["tokenizer"], signal: AbortSignal, take: (part: string) => void) {
    this.#tokenizer = tokenizer;
    this.#signal = signal;
    this.#take = take;
  }

  get tokensOut(): number {
    return this.#tokens.length;
  }

  /** An abort ends the generation at the next token. */
  put([tokens = []]: bigint[][]): void {
    this.#signal.throwIfAborted();
    if (this.#isPrompt) this.tokensIn = tokens.length;
    else this.#tokens.push(...tokens);
    if (!this.#isPrompt) this.#give(false);
    this.#isPrompt = false;
  }

  end(): void {
    this.#give(true);
  }

  /** Hands on what is new; a letter that is not whole yet waits for its other bytes. */
  #give(isEnd: boolean): void {
    const text = this.#tokenizer.decode(this.#tokens as never, { skip_special_tokens: true } as never);
    if (!isEnd && text.endsWith("\ufffd")) return;
    const part = text.slice(this.#given.length);
    this.#given = text;
    if (part) this.#take(part);
  }
}
