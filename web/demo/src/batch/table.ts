import { formatMoney, formatOfHundred } from "../format.js";
import { getPrices, savingOf } from "../money/prices.js";
import { getElement, makeElement, setText } from "../page.js";
import { t } from "../words/language.js";
import { formatCsvRow } from "./csv.js";
import type { Scored } from "./decisions.js";

const SHOWN = 100;
const LETTERS = 160;

/** Lists the first hundred prompts with what was chosen for each. */
export function showTable(rows: readonly Scored[], isLight: readonly boolean[]): void {
  const { currency } = getPrices();
  const shown = rows.slice(0, SHOWN).map((row, at) => {
    const light = isLight[at] ?? false;
    const badge = makeElement("span", "badge", t(light ? "model.light" : "model.powerful"));
    badge.dataset["side"] = light ? "light" : "powerful";
    const text = row.prompt.length > LETTERS ? `${row.prompt.slice(0, LETTERS)}…` : row.prompt || "–";
    return makeElement(
      "tr",
      "",
      makeElement("td", "prompt", text),
      makeElement("td", "", badge),
      makeElement("td", "number", row.confidence === null ? "–" : formatOfHundred(row.confidence)),
      makeElement("td", "number", light ? formatMoney(savingOf(row.nTokens), currency) : "–"),
    );
  });
  getElement("batch-rows").replaceChildren(...shown);
  setText("batch-left", rows.length > SHOWN ? t("batch.left", { n: SHOWN, all: rows.length }) : "");
}

/** The decisions as a file. */
export function writeFile(rows: readonly Scored[], isLight: readonly boolean[], kind: "csv" | "jsonl"): Blob {
  const fields = rows.map(({ prompt, confidence }, at) => {
    const light = isLight[at] ?? false;
    return { prompt, use_lightweight: light, confidence, model: light ? "light" : "powerful" };
  });
  if (kind === "jsonl") {
    return new Blob(fields.map((row) => `${JSON.stringify(row)}\n`), { type: "application/jsonl" });
  }
  const lines = fields.map(({ prompt, use_lightweight, confidence, model }) =>
    formatCsvRow([prompt, String(use_lightweight), confidence ?? "", model]),
  );
  return new Blob([formatCsvRow(["prompt", "use_lightweight", "confidence", "model"]), ...lines], { type: "text/csv" });
}
