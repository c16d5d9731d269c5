import type { RoutingResponse } from "tiny-dancer";
import { formatMoney, formatOfHundred } from "../format.js";
import { findExample, getPrices, savingOf } from "../money/prices.js";
import { getElement, setText } from "../page.js";
import { t } from "../words/language.js";
import { explainReason } from "./reasons.js";

/** How near to the bound a choice is called a close one. */
const CLOSE = 0.03;
/** Reasons that come from the score; all others have a sentence of their own. */
const SCORED: readonly string[] = ["below_threshold", "above_threshold", "gate_passed", "gate_confidence", "gate_uncertainty"];
const FOREIGN = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;

let shown = 0;

/** Says in plain words which model is enough, how often that went well, and what it saves. */
export function showVerdict(decision: RoutingResponse, prompt: string): void {
  const { reason, useLightweight, confidence, nTokens } = decision;
  const side = reason === "empty_prompt" ? "none" : useLightweight ? "light" : "powerful";
  const verdict = getElement("verdict");
  verdict.dataset["side"] = side;
  getElement("reason").dataset["reason"] = reason;
  getElement("answer").dataset["empty"] = String(side === "none");
  const { light, powerful, currency } = getPrices();
  const names = { light: light.name, powerful: powerful.name };
  setText("model", t(`verdict.${side}`));
  setText("reason", describe(decision));
  const amount = formatMoney(savingOf(nTokens), currency);
  const million = formatMoney(1e6 * savingOf(nTokens), currency);
  const hasMoney = side !== "none" && savingOf(nTokens) > 0;
  getElement("saving").hidden = !hasMoney;
  setText("saving-amount", t(`verdict.${useLightweight ? "saves" : "costs"}`, { amount }));
  setText("saving-note", t(`verdict.${useLightweight ? "saves" : "costs"}.note`, { ...names, million }));
  setText("money-link", t(findExample() < 0 ? "money.link.own" : "money.link.example"));
  const share = side === "none" ? null : confidence;
  getElement("hundred").hidden = share === null || !SCORED.includes(reason);
  if (share !== null) getElement("hundred").style.setProperty("--share", `${String(100 * share)}%`);
  setText("weak", describeWeakness(decision, prompt));
  setText("brief-text", hasMoney ? `${t(`verdict.${side}`)} ${t(`verdict.${useLightweight ? "saves" : "costs"}`, { amount })}.` : t(`verdict.${side}`));
  getElement("brief").dataset["side"] = side;
  verdict.dataset["count"] = String(++shown);
}

function describe({ reason, confidence, useLightweight }: RoutingResponse): string {
  if (reason === "empty_prompt") return t("verdict.none.text");
  if (confidence === null || !SCORED.includes(reason)) return explainReason(reason);
  return t(useLightweight ? "verdict.light.text" : "verdict.powerful.text", { n: formatOfHundred(confidence) });
}

/** Where the decision rests on little, said beside it. */
function describeWeakness({ reason, score, threshold, truncated }: RoutingResponse, prompt: string): string {
  const notes: string[] = [];
  if (!SCORED.includes(reason)) return "";
  if (score !== null && threshold !== null && Math.abs(score - threshold) < CLOSE) notes.push(t("weak.close"));
  if (truncated) notes.push(t("weak.long"));
  if (FOREIGN.test(prompt)) notes.push(t("weak.script"));
  return notes.join(" ");
}
