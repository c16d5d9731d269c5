import type { RoutingResponse } from "tiny-dancer";
import { formatCount, formatDuration, formatPercent, formatPValue, formatNumber } from "./format.js";
import { getElement, place, setText } from "./page.js";
import { explain } from "./reasons.js";

const NONE = "–";

let shown = 0;

/** Draws a decision; `roundTripMs` is the time from the page to the worker and back. */
export function showDecision(decision: RoutingResponse, roundTripMs: number): void {
  const side = decision.useLightweight ? "light" : "powerful";
  const verdict = getElement("verdict");
  verdict.dataset["side"] = side;
  setText("model", decision.useLightweight ? "Light model" : "Powerful model");
  setText("reason", explain(decision));
  getElement("reason").dataset["reason"] = decision.reason;
  showConfidence(decision);
  showScore(decision);
  showFacts(decision);
  const { inferenceTimeUs } = decision;
  setText("time", inferenceTimeUs === null ? "< clock resolution" : formatDuration(inferenceTimeUs));
  setText("round-trip", `round trip ${formatDuration(1000 * roundTripMs)}`);
  setText("median", "");
  verdict.dataset["count"] = String(++shown);
}

function showConfidence({ confidence, interval }: RoutingResponse): void {
  getElement("confidence-row").hidden = confidence === null;
  if (confidence === null) return;
  setText("confidence", formatPercent(confidence));
  const bar = getElement("confidence-bar");
  place(bar, "--at", confidence);
  place(bar, "--from", interval?.[0] ?? confidence);
  place(bar, "--to", interval?.[1] ?? confidence);
  const range = interval && `${formatPercent(interval[0])} to ${formatPercent(interval[1])}`;
  setText("interval", range ? `${range} on similar prompts` : "no interval");
  const label = `Confidence ${formatPercent(confidence)}${range ? `, interval ${range}` : ""}`;
  bar.setAttribute("aria-label", label);
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
  const relation = useLightweight ? "≤" : ">";
  const bound = threshold === null ? "no bound" : `bound ${formatNumber(threshold)}`;
  setText("threshold", bound);
  const against = threshold === null ? bound : `${relation} ${bound}`;
  bar.setAttribute("aria-label", `Score ${formatNumber(score)}, ${against}`);
}

function showFacts(decision: RoutingResponse): void {
  const { uncertainty, predictionSet, nTokens, truncated } = decision;
  setText("uncertainty", uncertainty === null ? NONE : formatPValue(uncertainty));
  const [first, second] = predictionSet;
  const name = { works: "works", fails: "fails" };
  setText("prediction-set", first ? (second ? "works, fails" : name[first]) : NONE);
  setText("prediction-note", !first ? "neither fits" : second ? "both possible, at 90 %" : "clear, at 90 %");
  setText("tokens", formatCount(nTokens));
  setText("tokens-note", truncated ? "beginning and end of a longer prompt" : "the whole prompt");
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
