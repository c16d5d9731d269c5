/** An engine of WebLLM and a pipeline of transformers.js, by the types of their packages. */

/**
 * @typedef {import("@mlc-ai/web-llm").ChatCompletionChunk} Chunk
 * @typedef {import("@mlc-ai/web-llm").ChatCompletion} Completion
 * @typedef {Pick<import("@mlc-ai/web-llm").MLCEngineInterface, "interruptGenerate" | "unload">} Calls
 */

/** @implements {Calls} */
export class FakeEngine {
  /** @type {any[]} */
  requests = [];
  parts = ["from ", "the GPU"];
  running = 0;
  atOnce = 0;
  interrupted = 0;
  isUnloaded = false;
  #isInterrupted = false;
  /** @type {Promise<void> | undefined} */
  gate;
  /** @type {Chunk["choices"][0]["finish_reason"]} */
  finish = "stop";

  chat = {
    completions: {
      /** @param {any} request */
      create: async (request) => {
        this.requests.push(request);
        return request.stream ? this.#stream() : this.#complete();
      },
    },
  };

  /** @returns {Promise<Completion>} */
  async #complete() {
    this.atOnce = Math.max(this.atOnce, ++this.running);
    await this.gate;
    this.running--;
    const message = /** @type {const} */ ({ role: "assistant", content: this.parts.join("") });
    const choices = [{ index: 0, message, finish_reason: this.finish ?? "stop", logprobs: null }];
    return { id: "1", object: "chat.completion", created: 0, model: "m", choices, usage: USAGE };
  }

  /** @returns {AsyncGenerator<Chunk, void>} */
  async *#stream() {
    this.#isInterrupted = false;
    this.atOnce = Math.max(this.atOnce, ++this.running);
    const head = /** @type {const} */ ({ id: "1", object: "chat.completion.chunk", created: 0, model: "m" });
    for (const content of this.parts) {
      if (this.#isInterrupted) break;
      yield { ...head, choices: [{ index: 0, delta: { content }, finish_reason: null }] };
      await this.gate;
    }
    this.running--;
    yield { ...head, choices: [{ index: 0, delta: {}, finish_reason: this.#isInterrupted ? "abort" : this.finish }] };
    yield { ...head, choices: [], usage: USAGE };
  }

  interruptGenerate() {
    this.interrupted++;
    this.#isInterrupted = true;
  }

  async unload() {
    this.isUnloaded = true;
  }
}

/** @type {NonNullable<Completion["usage"]>} */
const USAGE = {
  prompt_tokens: 3,
  completion_tokens: 4,
  total_tokens: 7,
  extra: /** @type {any} */ ({}),
};

/** @typedef {import("@huggingface/transformers").TextStreamer} TextStreamer */

/** A pipeline whose tokens are the code points of `text`. @param {string} text */
export function makePipeline(text) {
  /** @type {{ chat: any[], generated: number, isDisposed: boolean }} */
  const seen = { chat: [], generated: 0, isDisposed: false };
  /**
   * @param {import("@huggingface/transformers").Message[]} chat
   * @param {{ max_new_tokens: number, streamer: Pick<TextStreamer, "put" | "end"> }} options
   */
  const run = async (chat, { max_new_tokens: most, streamer }) => {
    seen.chat = chat;
    const tokens = [...new TextEncoder().encode(text)].slice(0, most);
    streamer.put([[1n, 2n, 3n, 4n, 5n]]); // the prompt's
    for (const token of tokens) {
      await Promise.resolve();
      seen.generated++;
      streamer.put([[BigInt(token)]]);
    }
    streamer.end();
    return [{ generated_text: [...chat, { role: "assistant", content: decode(tokens) }] }];
  };
  /** @param {bigint[]} tokens */
  const decodeTokens = (tokens) => decode(tokens.map(Number));
  const dispose = async () => {
    seen.isDisposed = true;
    return [];
  };
  return Object.assign(run, { tokenizer: { decode: decodeTokens }, seen, dispose });
}

/** @param {number[]} bytes */
function decode(bytes) {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
