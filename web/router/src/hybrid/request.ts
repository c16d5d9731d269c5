import { InvalidInputError } from "../index.js";

/** A message as OpenAI's chat completions write it. */
export interface Message {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content?: string | readonly Part[] | null;
  readonly name?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
}

export interface Part {
  readonly type: string;
  readonly text?: string;
  readonly [field: string]: unknown;
}

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface Tool {
  readonly type: "function";
  readonly function: { readonly name: string; readonly description?: string; readonly parameters?: Schema };
}

export type Schema = Readonly<Record<string, unknown>>;

/** What a request may need beside text. */
export type Need = "tools" | "images" | "audio" | "files";

/** What `ask` and `stream` take. */
export interface HybridRequest {
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  /** JSON Schema that the answer has to keep; checked by `ask`. */
  readonly schema?: Schema;
  readonly signal?: AbortSignal;
}

/** A request as it is sent: a copy that the caller cannot change any more. */
export interface Copied extends HybridRequest {
  readonly needs: readonly Need[];
}

const FIELDS = ["messages", "tools", "schema", "signal"];
const ROLES = ["system", "developer", "user", "assistant", "tool"];
const NEED_OF_PART: Readonly<Record<string, Need>> = { image_url: "images", input_audio: "audio" };

/** The copy. It is made by way of JSON, so that what is checked is exactly what an URL is sent. */
export function copyRequest(request: unknown): Copied {
  if (typeof request === "string") return { messages: [{ role: "user", content: request }], needs: [] };
  if (typeof request !== "object" || request === null) {
    throw new InvalidInputError(`request: a string or { messages } is needed, got ${typeof request}`);
  }
  for (const name of Object.keys(request)) {
    if (!FIELDS.includes(name)) throw new InvalidInputError(`${name}: no such field; there are ${FIELDS.join(", ")}`);
  }
  const { signal, ...plain } = request as HybridRequest;
  const copied = copy(plain);
  checkMessages(copied.messages);
  if (copied.tools !== undefined && !Array.isArray(copied.tools)) {
    throw new InvalidInputError("tools: an array is needed");
  }
  return { ...copied, ...(signal && { signal }), needs: listNeeds(copied) };
}

function copy(plain: HybridRequest): HybridRequest {
  try {
    return JSON.parse(JSON.stringify(plain)) as HybridRequest;
  } catch (error) {
    throw new InvalidInputError(`request: it cannot be written as JSON: ${String(error)}`);
  }
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new InvalidInputError("messages: an array of at least one message is needed");
  }
  for (const [at, message] of (messages as (Partial<Message> | null)[]).entries()) {
    if (!ROLES.includes(message?.role ?? "")) {
      throw new InvalidInputError(`messages[${String(at)}]: role: one of ${ROLES.join(", ")} is needed`);
    }
  }
}

function listNeeds({ messages, tools }: HybridRequest): Need[] {
  const needs = new Set<Need>();
  if (tools?.length) needs.add("tools");
  for (const { content } of messages) {
    for (const part of Array.isArray(content) ? (content as Part[]) : []) {
      if (typeof part.text !== "string") needs.add(NEED_OF_PART[part.type] ?? "files");
    }
  }
  return [...needs];
}

/** The text of a message, its parts one to a line. */
export function readText({ content }: Message): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap((part) => (typeof part.text === "string" ? [part.text] : [])).join("\n");
}

/** Tool calls and their results as text, for an answerer that takes no tools. */
export function writeToolsAsText(messages: readonly Message[]): readonly Message[] {
  const names = new Map<string, string>();
  return messages.map((message) => {
    const { role, tool_calls: calls = [], tool_call_id: id = "" } = message;
    for (const call of calls) names.set(call.id, call.function.name);
    if (role === "tool") return { role: "user", content: `Result of ${names.get(id) ?? "a tool"}:\n${readText(message)}` };
    if (calls.length === 0) return message;
    const lines = calls.map((call) => `Call of ${call.function.name}: ${call.function.arguments}`);
    return { role, content: [readText(message), ...lines].filter(Boolean).join("\n") };
  });
}
