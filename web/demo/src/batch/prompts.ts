import { InvalidInputError } from "tiny-dancer";
import { t } from "../words/language.js";
import { parseCsv } from "./csv.js";

/** One prompt of a file, with the marks of both models' answers where the file has them. */
export interface LabelledPrompt {
  readonly prompt: string;
  /** Quality in [0, 1]. */
  readonly lightScore?: number;
  readonly powerfulScore?: number;
}

const PROMPT = ["prompt", "text", "question", "input", "query", "message"];
const LIGHT = ["light_score", "weak_score", "light"];
const POWERFUL = ["powerful_score", "strong_score", "powerful"];

/** The prompts of a file: CSV, JSON lines, a JSON list, or a prompt a line. An empty row is a prompt too. */
export function parsePrompts(text: string, name: string): LabelledPrompt[] {
  const plain = text.replace(/^\uFEFF/, "");
  const kind = name.toLowerCase().split(".").at(-1);
  const rows =
    kind === "json"
      ? readList(plain)
      : kind === "jsonl" || kind === "ndjson"
        ? readLines(plain)
        : kind === "txt"
          ? splitLines(plain).map((prompt) => ({ prompt }))
          : readTable(parseCsv(plain));
  if (rows.length === 0) throw new InvalidInputError(t("batch.fault.empty", { name }));
  return rows;
}

function splitLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function readTable(table: string[][]): LabelledPrompt[] {
  const [head = [], ...body] = table;
  const names = head.map((cell) => cell.trim().toLowerCase());
  const find = (known: string[]) => names.findIndex((cell) => known.includes(cell));
  const at = find(PROMPT);
  if (at < 0) {
    if (head.length > 1) throw new InvalidInputError(t("batch.fault.column", { found: head.join(", ").slice(0, 200) }));
    return table.map(([prompt = ""]) => ({ prompt }));
  }
  const [light, powerful] = [find(LIGHT), find(POWERFUL)];
  return body.map((cells, row) => ({
    prompt: cells[at] ?? "",
    ...readMarks(light < 0 ? undefined : cells[light], powerful < 0 ? undefined : cells[powerful], row + 2),
  }));
}

function readLines(text: string): LabelledPrompt[] {
  return splitLines(text)
    .filter((line) => line.trim() !== "")
    .map((line, row) => readRow(parseJson(line, row + 1), row + 1));
}

function readList(text: string): LabelledPrompt[] {
  const rows = parseJson(text, 1);
  if (!Array.isArray(rows)) throw new InvalidInputError(t("batch.fault.list"));
  return rows.map((row, at) => readRow(row, at + 1));
}

function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(t("batch.fault.json", { line, why: error instanceof Error ? error.message : "" }));
  }
}

function readRow(row: unknown, line: number): LabelledPrompt {
  if (typeof row === "string") return { prompt: row };
  const fields = (typeof row === "object" && row !== null ? row : {}) as Record<string, unknown>;
  const find = (known: string[]) => known.map((name) => fields[name]).find((value) => value !== undefined && value !== null);
  const prompt = find(PROMPT) ?? readMessages(fields["messages"]);
  if (typeof prompt !== "string") throw new InvalidInputError(t("batch.fault.prompt", { line }));
  return { prompt, ...readMarks(find(LIGHT), find(POWERFUL), line) };
}

/** What the user said last, of a chat. */
function readMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  const said = messages.filter(
    (one): one is { role: string; content: string } =>
      typeof one === "object" && one !== null && (one as { role?: unknown }).role === "user",
  );
  return said.map(({ content }) => content).findLast((content) => typeof content === "string");
}

function readMarks(light: unknown, powerful: unknown, line: number): Partial<LabelledPrompt> {
  const [lightScore, powerfulScore] = [readMark(light, line), readMark(powerful, line)];
  return lightScore === undefined || powerfulScore === undefined ? {} : { lightScore, powerfulScore };
}

function readMark(value: unknown, line: number): number | undefined {
  if (value === undefined || value === "" || value === null) return undefined;
  const number = value === true || value === "true" ? 1 : value === false || value === "false" ? 0 : Number(value);
  if (!(number >= 0 && number <= 1)) throw new InvalidInputError(t("batch.fault.mark", { line, value: JSON.stringify(value) }));
  return number;
}
