import { formatCount, formatMoney, formatWholePercent } from "../format.js";
import { getPrices } from "../money/prices.js";
import { getElement, makeElement, setText } from "../page.js";
import { t } from "../words/language.js";
import { describeUnknown } from "./unknown.js";

/** A share with its interval, as the report writes it. */
interface Estimate {
  readonly estimate: number;
  readonly interval: readonly [number, number];
}

interface Choice {
  readonly name: string;
  readonly light_share: number;
  readonly quality: Estimate | null;
  readonly cost_per_1000: number | null;
}

interface Certificate {
  readonly target: number;
  readonly light_share?: number | null;
  readonly saving_per_1000?: number | null;
  readonly missing?: number | null;
  readonly missing_at_least?: number | null;
}

/** What this page reads of a report; docs/report.md has all of it. */
export interface Report {
  readonly pairs: { readonly n: number };
  readonly traffic: { readonly requests: number; readonly would_light_share: number | null };
  readonly quality: {
    readonly router: Choice;
    readonly static_mix: Choice;
    readonly single_models: readonly Choice[];
  } | null;
  readonly certificates: readonly Certificate[];
  readonly drift: string;
  readonly unknown: readonly string[];
}

/** Shows a report: its answer in a sentence, then what it rests on. */
export function showReport(report: Report): void {
  getElement("report-result").hidden = false;
  setText("report-verdict", summarize(report));
  const { quality } = report;
  const choices = quality ? [quality.router, quality.static_mix, ...quality.single_models] : [];
  getElement("report-rows").replaceChildren(...choices.map((choice, at) => makeRow(choice, at)));
  getElement("report-quality").hidden = choices.length === 0;
  const lines = report.certificates.map((one) => makeElement("li", "", describeCertificate(one)));
  getElement("report-certificates").replaceChildren(...lines);
  getElement("report-unknown").replaceChildren(...report.unknown.map((text) => makeElement("li", "", describeUnknown(text))));
}

/** Whether it is safe to switch on, in the visitor's language. */
function summarize({ pairs, drift, certificates }: Report): string {
  if (drift === "alarm") return t("report.alarm");
  if (drift === "steady" || drift === "warning") return t("report.on");
  if (pairs.n === 0) return t("report.nothing");
  const held = certificates.filter(({ light_share }) => (light_share ?? 0) > 0);
  const best = held.find(({ target }) => target === 0.95) ?? held.at(-1);
  if (!best) return t("report.not-yet", { n: formatCount(pairs.n) });
  const values = { target: formatWholePercent(best.target), light: formatWholePercent(best.light_share ?? 0), n: formatCount(pairs.n) };
  return t("report.safe", values);
}

function makeRow({ light_share, quality, cost_per_1000 }: Choice, at: number): HTMLTableRowElement {
  const names = ["report.router", "report.mix", "report.light-alone", "report.powerful-alone"] as const;
  const well = quality && [quality.estimate, ...quality.interval].map(formatWholePercent);
  return makeElement(
    "tr",
    "",
    makeElement("td", "", t(names[at] ?? "report.router")),
    makeElement("td", "number", formatWholePercent(light_share)),
    makeElement("td", "number", well ? t("report.estimate", { value: well[0] ?? "", from: well[1] ?? "", to: well[2] ?? "" }) : "–"),
    makeElement("td", "number", cost_per_1000 === null ? "–" : formatMoney(cost_per_1000, getPrices().currency)),
  );
}

function describeCertificate({ target, light_share, missing, missing_at_least }: Certificate): string {
  const values = { target: formatWholePercent(target), light: formatWholePercent(light_share ?? 0) };
  if (light_share !== undefined && light_share !== null) return t("report.certified", values);
  const n = missing ?? missing_at_least;
  if (n === null || n === undefined) return t("report.never", values);
  return t(missing === null ? "report.missing-least" : "report.missing", { ...values, n: formatCount(n) });
}
