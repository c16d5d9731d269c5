import type { BundleFacts } from "tiny-dancer";
import { formatCount } from "../format.js";
import { getElement, makeElement } from "../page.js";
import { t } from "../words/language.js";

const SECTIONS = ["bundle", "config", "policy", "tensors", "provenance"] as const;

/** Lists what is inside a bundle, section by section. */
export function showFacts(facts: BundleFacts): void {
  const sections = SECTIONS.map((name) => {
    const rows = Object.entries(facts[name]).map(([key, value]) =>
      makeElement("div", "", makeElement("dt", "", key), makeElement("dd", "", formatFact(value))),
    );
    return makeElement("section", "", makeElement("h3", "", t(`inspect.${name}`)), makeElement("dl", "", ...rows));
  });
  getElement("inspect").replaceChildren(...sections);
}

function formatFact(value: unknown): string {
  if (value === null) return t("inspect.none");
  if (typeof value === "number") return Number.isInteger(value) ? formatCount(value) : String(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(formatFact).join(", ");
  if (typeof value !== "object") return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, entry]) => `${name} ${formatFact(entry)}`)
    .join(", ");
}
