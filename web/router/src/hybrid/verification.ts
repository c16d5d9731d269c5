/** What is wrong with an answer, so far as that can be seen from outside. */
import type { Answer } from "./answerer.js";
import type { Schema } from "./request.js";
import { matchesSchema } from "./schema.js";

export type AnswerFault = "empty" | "cut_off" | "refused" | "invalid_json";

/** Only a short answer is taken for a refusal by its words. */
const REFUSAL_CHARS = 400;

const SORRY = "(?:(?:i['’]m |i am )?(?:so |very |really |truly )?sorry|unfortunately|i apologi[sz]e|as an? [^,.]{0,30}(?:ai|model)[^,.]{0,20})";
const CANNOT = "(?:can(?:not|['’]t| not)|won['’]t|will not|(?:am|['’]m) (?:not able|unable)(?: to)?|(?:am|['’]m) not comfortable)";
const TO_SERVE = "(?:help|assist|answer|provide|comply|fulfil|do (?:that|this)|discuss|create|generate|engage|support|respond)";
const REFUSAL = new RegExp(`^\\W*(?:${SORRY}[^.!?\\n]{0,30}?[,.;:!]?\\s*(?:but )?)*(?:i|we) ?${CANNOT} (?:\\w+ ){0,2}?${TO_SERVE}`, "i");

/** The fault; null where there is none to be seen. */
export function findFault(answer: Answer, schema: Schema | undefined): AnswerFault | null {
  const { text, finishReason, toolCalls = [] } = answer;
  if (finishReason === "content_filter") return "refused";
  if (finishReason === "length") return "cut_off";
  if (toolCalls.length > 0) return null;
  if (text.trim() === "") return "empty";
  if (schema !== undefined) return isJsonOf(text, schema) ? null : "invalid_json";
  return text.length <= REFUSAL_CHARS && REFUSAL.test(text) ? "refused" : null;
}

function isJsonOf(text: string, schema: Schema): boolean {
  try {
    return matchesSchema(JSON.parse(text) as unknown, schema);
  } catch {
    return false;
  }
}
