import type { BundleFacts } from "tiny-dancer";
import { count } from "./format.js";
import { element, make } from "./page.js";

const TITLES: Record<keyof BundleFacts, string> = {
  bundle: "Bundle",
  config: "Constants",
  policy: "Policy",
  tensors: "Tensors, bytes",
  provenance: "Where it comes from",
};

/** Lists what is inside a bundle, section by section. */
export function showFacts(facts: BundleFacts): void {
  const sections = Object.entries(TITLES).map(([name, title]) => {
    const rows = Object.entries(facts[name as keyof BundleFacts]).map(([key, value]) =>
      make("div", "", make("dt", "", key), make("dd", "", written(value))),
    );
    return make("section", "", make("h3", "", title), make("dl", "", ...rows));
  });
  element("inspect").replaceChildren(...sections);
}

function written(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "number") return Number.isInteger(value) ? count(value) : String(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(written).join(", ");
  if (typeof value !== "object") return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, entry]) => `${name} ${written(entry)}`)
    .join(", ");
}
