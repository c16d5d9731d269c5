/** Chat completions as OpenAI's API and WebLLM write them, whole and in chunks. */
import type { Answer, Ending, Question, Usage } from "./answerer.js";
import { UpstreamError } from "./errors.js";
import type { ToolCall } from "./request.js";

interface Message {
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly Partial<ToolCall>[] | null;
}

interface Completion {
  readonly choices?: readonly { readonly message?: Message; readonly finish_reason?: string | null }[];
  readonly usage?: TokenCounts | null;
}

interface Delta extends Omit<Message, "tool_calls"> {
  readonly tool_calls?: readonly CallDelta[] | null;
}

interface CallDelta {
  readonly index?: number;
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: Delta | null; readonly finish_reason?: string | null }[];
  readonly usage?: TokenCounts | null;
  readonly error?: unknown;
}

interface TokenCounts {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
}

/** The fields of a request, but for the model's name. */
export function toFields({ messages, tools, schema }: Question): Record<string, unknown> {
  return {
    messages,
    ...(tools && { tools }),
    ...(schema && { response_format: { type: "json_schema", json_schema: { name: "answer", schema } } }),
  };
}

/** The answer in a whole completion. */
export function readCompletion(where: string, completion: unknown): Answer {
  const { choices, usage } = (completion ?? {}) as Completion;
  const [choice] = Array.isArray(choices) ? (choices as NonNullable<Completion["choices"]>) : [];
  const { message } = choice ?? {};
  if (!message) throw new UpstreamError(`${where}: the response is no chat completion`);
  const calls = message.tool_calls ?? [];
  return {
    text: message.content ?? message.refusal ?? "",
    ...describe(message.refusal ? "content_filter" : choice?.finish_reason, usage),
    ...(calls.length > 0 && { toolCalls: calls as ToolCall[] }),
  };
}

/** Puts the chunks of a stream together. */
export class ChunkReader {
  readonly #where: string;
  readonly #calls: { id: string; type: "function"; function: { name: string; arguments: string } }[] = [];
  #reason: string | undefined;
  #usage: TokenCounts | null | undefined;

  constructor(where: string) {
    this.#where = where;
  }

  /** The text in a chunk. */
  read(given: unknown): string {
    const { choices, usage, error } = (given ?? {}) as Chunk;
    if (error) throw new UpstreamError(`${this.#where}: ${readError(error)}`);
    this.#usage = usage ?? this.#usage;
    const [choice] = choices ?? [];
    if (!choice) return "";
    const { content, refusal, tool_calls: calls } = choice.delta ?? {};
    this.#reason = choice.finish_reason ?? this.#reason;
    if (refusal) this.#reason = "content_filter";
    for (const call of calls ?? []) this.#extend(call);
    return content ?? refusal ?? "";
  }

  #extend({ index = 0, id = "", function: { name = "", arguments: text = "" } = {} }: CallDelta): void {
    const call = (this.#calls[index] ??= { id: "", type: "function", function: { name: "", arguments: "" } });
    call.id ||= id;
    call.function.name ||= name;
    call.function.arguments += text;
  }

  /** What is known at the end; an error where the stream ended before the answer did. */
  end(isDone: boolean): Ending {
    if (!isDone && this.#reason === undefined) throw new UpstreamError(`${this.#where}: the stream ended before the answer did`);
    const toolCalls = this.#calls.filter(Boolean);
    return { ...describe(this.#reason, this.#usage), ...(toolCalls.length > 0 && { toolCalls }) };
  }
}

/** The message of an error as OpenAI's API writes it. */
export function readError(error: unknown): string {
  if (typeof error === "string") return error;
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(error);
}

function describe(finishReason: string | null | undefined, usage: TokenCounts | null | undefined): Ending {
  return { ...(finishReason && { finishReason }), ...(usage && { usage: toUsage(usage) }) };
}

function toUsage({ prompt_tokens: tokensIn = 0, completion_tokens: tokensOut = 0 }: TokenCounts): Usage {
  return { tokensIn, tokensOut };
}
