import type { RoutingResponse } from "tiny-dancer";
import { count, duration, percent, pValue, rounded } from "./format.js";
import { element, place, setText } from "./page.js";
import { explain } from "./reasons.js";

const NONE = "–";

let shown = 0;

/** Draws a decision; `roundTripMs` is the time from the page to the worker and back. */
export function showDecision(decision: RoutingResponse, roundTripMs: number): void {
  const side = decision.useLightweight ? "light" : "powerful";
  const verdict = element("verdict");
  verdict.dataset["side"] = side;
  setText("model", decision.useLightweight ? "Light model" : "Powerful model");
  setText("reason", explain(decision));
  element("reason").dataset["reason"] = decision.reason;
  showConfidence(decision);
  showScore(decision);
  showFacts(decision);
  const { inferenceTimeUs } = decision;
  setText("time", inferenceTimeUs === null ? "< clock’s step" : duration(inferenceTimeUs));
  setText("round-trip", `round trip ${duration(1000 * roundTripMs)}`);
  setText("median", "");
  verdict.dataset["count"] = String(++shown);
}

function showConfidence({ confidence, interval }: RoutingResponse): void {
  element("confidence-row").hidden = confidence === null;
  if (confidence === null) return;
  setText("confidence", percent(confidence));
  const bar = element("confidence-bar");
  place(bar, "--at", confidence);
  place(bar, "--from", interval?.[0] ?? confidence);
  place(bar, "--to", interval?.[1] ?? confidence);
  const range = interval && `${percent(interval[0])} to ${percent(interval[1])}`;
  setText("interval", range ? `${range} on similar prompts` : "no interval");
  const label = `Confidence ${percent(confidence)}${range ? `, interval ${range}` : ""}`;
  bar.setAttribute("aria-label", label);
}

function showScore({ score, threshold, useLightweight }: RoutingResponse): void {
  element("score-row").hidden = score === null;
  if (score === null) return;
  // Scores lie in [−1, 1]; what is below zero needs no room, since light is then free of loss.
  const at = clamp(score);
  const bar = element("score-bar");
  setText("score", rounded(score));
  place(bar, "--at", at);
  place(bar, "--limit", threshold === null ? 1 : clamp(threshold));
  bar.dataset["limit"] = threshold === null ? "none" : "set";
  const relation = useLightweight ? "≤" : ">";
  const bound = threshold === null ? "no bound" : `bound ${rounded(threshold)}`;
  setText("threshold", bound);
  const against = threshold === null ? bound : `${relation} ${bound}`;
  bar.setAttribute("aria-label", `Score ${rounded(score)}, ${against}`);
}

function showFacts(decision: RoutingResponse): void {
  const { uncertainty, predictionSet, nTokens, truncated } = decision;
  setText("uncertainty", uncertainty === null ? NONE : pValue(uncertainty));
  const [first, second] = predictionSet;
  const name = { works: "works", fails: "fails" };
  setText("prediction-set", first ? (second ? "works, fails" : name[first]) : NONE);
  setText("prediction-note", !first ? "neither fits" : second ? "both possible, at 90 %" : "clear, at 90 %");
  setText("tokens", count(nTokens));
  setText("tokens-note", truncated ? "first and last of a longer text" : "all of it was read");
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
