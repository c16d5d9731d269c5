import { formatCount } from "../format.js";
import { t, type Words } from "../words/language.js";

/** What each sentence of the router's report is known by, and its words here. */
const SENTENCES: readonly (readonly [phrase: string, words: Words])[] = [
  ["Other traffic than that of", "unknown.time"],
  ["requests named a model", "unknown.named"],
  ["The shadow is over budget", "unknown.shadow"],
  ["could not be graded", "unknown.ungraded"],
  ["pairs, by people", "unknown.judges"],
  ["no person marked", "unknown.judges-alone"],
  ["were scored by another bundle", "unknown.foreign"],
  ["cost is not known", "unknown.unpriced"],
  ["has a cost of both models", "unknown.cost"],
  ["repeat a prompt", "unknown.repeated"],
];

/** Something the report does not know, in the visitor's language and without the router's terms. */
export function describeUnknown(sentence: string): string {
  const [, words] = SENTENCES.find(([phrase]) => sentence.includes(phrase)) ?? [];
  if (!words) return sentence;
  const found = sentence.match(/\d{4}-\d\d-\d\d \d\d:\d\d|\d[\d,]*/g) ?? [];
  const values = found.map((text) => (text.includes("-") ? text : formatCount(Number(text.replaceAll(",", "")))));
  return t(words, Object.fromEntries(Object.entries(values)));
}
