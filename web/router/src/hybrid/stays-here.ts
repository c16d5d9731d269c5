/** The hard rule: what matches the user's own patterns is answered on this device or not at all. */
import { InvalidInputError } from "../index.js";
import { listReadings } from "./readings.js";
import type { HybridRequest } from "./request.js";

/**
 * Copies of the patterns, without g and y: with these a pattern goes on where its last match ended, so
 * that it finds one text and misses the next. The caller's own patterns are never run.
 */
export function copyPatterns(patterns: unknown): RegExp[] {
  if (!Array.isArray(patterns)) throw new InvalidInputError("staysHere: an array of regular expressions is needed");
  return patterns.map((pattern: unknown, at) => {
    if (Object.prototype.toString.call(pattern) !== "[object RegExp]") {
      throw new InvalidInputError(`staysHere[${String(at)}]: a regular expression is needed, got ${typeof pattern}`);
    }
    const { source, flags } = pattern as RegExp;
    return new RegExp(source, flags.replace(/[gy]/g, ""));
  });
}

/** True where a pattern matches anything that would be sent, however it is split or escaped. */
export function hasMatch(patterns: readonly RegExp[], request: Omit<HybridRequest, "signal">): boolean {
  if (patterns.length === 0) return false;
  for (const text of new Set(listTexts(request))) {
    for (const reading of listReadings(text)) {
      if (patterns.some((pattern) => pattern.test(reading))) return true;
    }
  }
  return false;
}

/** Names that the format itself puts into a request. */
const OWN_NAMES = new Set(
  ["content", "name", "tool_calls", "tool_call_id", "id", "type", "text", "function", "arguments", "description"].concat(
    ["parameters", "properties", "required", "items", "enum", "image_url", "url", "detail", "file", "refusal", "strict"],
  ),
);

const OWN_TYPES = new Set(
  ["text", "function", "image_url", "input_audio", "file"].concat(
    ["object", "array", "string", "number", "integer", "boolean", "null"],
  ),
);

function* listTexts({ messages, tools, schema }: Omit<HybridRequest, "signal">): Generator<string> {
  for (const { role: _, ...fields } of messages) {
    yield* listNames(fields);
    yield* listValues(fields);
    // A match may span two parts of a message.
    const parts = Array.isArray(fields.content) ? [...listValues(fields.content)] : [];
    for (const glue of ["", " ", "\n"]) yield parts.join(glue);
  }
  for (const value of [tools, schema]) {
    yield* listNames(value);
    yield* listValues(value);
  }
}

/** The strings and numbers in any JSON, but for those that say of which type a thing is. */
function* listValues(value: unknown, name = ""): Generator<string> {
  if (typeof value === "number") yield String(value);
  else if (typeof value === "string" && !(name === "type" && OWN_TYPES.has(value))) yield value;
  else if (typeof value === "object" && value !== null) {
    for (const [name, entry] of Object.entries(value)) yield* listValues(entry, name);
  }
}

/** The names in any JSON. */
function* listNames(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [name, entry] of Object.entries(value)) {
    if (!Array.isArray(value) && !OWN_NAMES.has(name)) yield name;
    yield* listNames(entry);
  }
}
