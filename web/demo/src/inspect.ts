import type { BundleFacts } from "tiny-dancer";
import { formatCount } from "./format.js";
import { getElement, makeElement } from "./page.js";

const TITLES: Record<keyof BundleFacts, string> = {
  bundle: "Bundle",
  config: "Constants",
  policy: "Policy",
  tensors: "Tensors, bytes",
  provenance: "Provenance",
};

/** Lists what is inside a bundle, section by section. */
export function showFacts(facts: BundleFacts): void {
  const sections = Object.entries(TITLES).map(([name, title]) => {
    const rows = Object.entries(facts[name as keyof BundleFacts]).map(([key, value]) =>
      makeElement("div", "", makeElement("dt", "", key), makeElement("dd", "", formatFact(value))),
    );
    return makeElement("section", "", makeElement("h3", "", title), makeElement("dl", "", ...rows));
  });
  getElement("inspect").replaceChildren(...sections);
}

function formatFact(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "number") return Number.isInteger(value) ? formatCount(value) : String(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(formatFact).join(", ");
  if (typeof value !== "object") return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, entry]) => `${name} ${formatFact(entry)}`)
    .join(", ");
}
