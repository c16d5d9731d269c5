import type { RoutingResponse } from "tiny-dancer";
import { formatCount, formatNumber, formatPercent, formatPValue } from "../format.js";
import { getElement, place, setText } from "../page.js";
import { t } from "../words/language.js";
import { explainReason } from "./reasons.js";
import { getRange } from "./range.js";
import { showTime } from "./timing.js";

const NONE = "–";

/** Draws the statistics behind a decision; `roundTripMs` is the time from the page to the worker and back. */
export function showDetails(decision: RoutingResponse, roundTripMs: number): void {
  setText("why", explainReason(decision.reason));
  getElement("details").dataset["side"] = decision.useLightweight ? "light" : "powerful";
  showConfidence(decision);
  showScore(decision);
  const { uncertainty, predictionSet, nTokens, truncated } = decision;
  setText("uncertainty", uncertainty === null ? NONE : formatPValue(uncertainty));
  const [first, second] = predictionSet;
  setText("prediction-set", first ? (second ? `${t("details.works")}, ${t("details.fails")}` : t(`details.${first}`)) : NONE);
  setText("prediction-note", t(!first ? "details.neither" : second ? "details.both" : "details.clear"));
  setText("tokens", formatCount(nTokens));
  setText("tokens-note", t(truncated ? "details.cut" : "details.whole"));
  showTime(decision.inferenceTimeUs, roundTripMs);
}

function showConfidence({ confidence, interval }: RoutingResponse): void {
  getElement("confidence-row").hidden = confidence === null;
  if (confidence === null) return;
  const [from, to] = getRange(confidence, interval);
  const values = { confidence: formatPercent(confidence), from: formatPercent(from), to: formatPercent(to) };
  setText("confidence", values.confidence);
  const bar = getElement("confidence-bar");
  place(bar, "--at", confidence);
  place(bar, "--from", from);
  place(bar, "--to", to);
  setText("interval", t(interval ? "details.interval" : "details.no-interval", values));
  bar.ariaLabel = t(interval ? "details.confidence-label" : "details.confidence-alone", values);
}

function showScore({ score, threshold, useLightweight }: RoutingResponse): void {
  getElement("score-row").hidden = score === null;
  if (score === null) return;
  // Scores lie in [−1, 1]; what is below zero needs no room, since light is then free of loss.
  const at = clamp(score);
  const bar = getElement("score-bar");
  setText("score", formatNumber(score));
  place(bar, "--at", at);
  place(bar, "--limit", threshold === null ? 1 : clamp(threshold));
  bar.dataset["limit"] = threshold === null ? "none" : "set";
  const bound = threshold === null ? t("details.no-bound") : t("details.bound", { bound: formatNumber(threshold) });
  setText("threshold", bound);
  const against = threshold === null ? bound : `${useLightweight ? "≤" : ">"} ${bound}`;
  bar.ariaLabel = t("details.score-label", { score: formatNumber(score), against });
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
