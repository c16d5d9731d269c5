import type { Progress } from "../index.js";
import type { Message, Need, Schema, Tool, ToolCall } from "./request.js";

/** What can answer: the browser's model, a model on the GPU, an URL, or code of your own. */
export interface Answerer {
  /** Shown as who answered. */
  readonly name: string;
  /** What it takes beside text; everything where `powerful` leaves it out, nothing where `light` does. */
  readonly accepts?: readonly Need[];
  /** True where nothing leaves this device; unless given, true for `light` and false for `powerful`. */
  readonly onDevice?: boolean;
  /** Money for a million tokens, unless `prices` says otherwise. */
  readonly price?: Price;
  availability(): Availability | Promise<Availability>;
  /** Resolves when it can answer; may need a user's gesture. */
  prepare(options: PrepareOptions): Promise<void>;
  answer(question: Question): Promise<Answer>;
  /** Parts of the text as they come; what the iterator returns at its end completes the answer. */
  stream(question: Question): AsyncIterable<string>;
  /** Frees what it holds. */
  close?(): void | Promise<void>;
}

export type Availability = "available" | "downloadable" | "downloading" | "unavailable";

export interface PrepareOptions {
  /** Of the download; where the total is not known in bytes, it is 1. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface Question {
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  /** JSON Schema of the answer. */
  readonly schema?: Schema;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly text: string;
  /** As OpenAI names it: `stop`, `length`, `tool_calls`, `content_filter`. */
  readonly finishReason?: string;
  readonly usage?: Usage;
  readonly toolCalls?: readonly ToolCall[];
}

/** What is known at the end of a stream. */
export type Ending = Omit<Answer, "text">;

export interface Usage {
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** Money for a million tokens. */
export interface Price {
  readonly tokensIn: number;
  readonly tokensOut: number;
}

/** Of a model on this device. */
export const FREE: Price = { tokensIn: 0, tokensOut: 0 };
