import type { Router } from "tiny-dancer";
import { formatDuration } from "../format.js";
import { setText } from "../page.js";
import { t } from "../words/language.js";

const RUNS = 51;

/** The step of the clock in a page that is not isolated, in microseconds. */
const COARSE_US = 100;

/** Shows how long a decision took: exactly where the page's clock can tell, else its bound. */
export function showTime(microseconds: number | null, roundTripMs: number): void {
  setText("time", formatDecisionTime(microseconds));
  setText("round-trip", t("details.round-trip", { time: formatDuration(1000 * roundTripMs) }));
  setText("median", "");
}

/** A decision's time as far as this page's clock can tell it. */
export function formatDecisionTime(microseconds: number | null): string {
  const isExact = crossOriginIsolated && microseconds !== null;
  if (isExact) return formatDuration(microseconds);
  if (microseconds !== null && microseconds > COARSE_US) return formatDuration(microseconds);
  return t("details.under", { time: `${t("details.tenth")} ms` });
}

/**
 * Decides the same prompt again and again and shows what one decision takes. Where the clock is exact
 * that is the median: a single decision after a pause finds the processor's caches cold. Elsewhere it is
 * the mean with the way to the worker and back, since no single one can be timed.
 */
export async function showMedian(router: Router, prompt: string, signal: AbortSignal): Promise<void> {
  const times: number[] = [];
  const begin = performance.now();
  for (let run = 0; run < RUNS; run++) {
    if (signal.aborted) return;
    const { inferenceTimeUs } = await router.score({ prompt, candidates: [] });
    times.push(inferenceTimeUs ?? 0);
  }
  if (signal.aborted) return;
  const mean = (1000 * (performance.now() - begin)) / RUNS;
  const median = times.sort((a, b) => a - b)[(RUNS - 1) / 2] ?? 0;
  const isExact = crossOriginIsolated && median > 0;
  setText("median", t(isExact ? "details.median" : "details.mean", { time: formatDuration(isExact ? median : mean), n: RUNS }));
}
