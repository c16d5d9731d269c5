import type { Router } from "tiny-dancer";
import { formatDuration } from "./format.js";
import { setText } from "./page.js";

const RUNS = 51;

/**
 * Decides the same prompt again and again and shows the median: a single decision
 * after a pause finds the processor's caches cold and says little.
 */
export async function showMedian(router: Router, prompt: string, signal: AbortSignal): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    if (signal.aborted) return;
    const { inferenceTimeUs } = await router.score({ prompt, candidates: [] });
    times.push(inferenceTimeUs ?? 0); // below what the clock can tell
  }
  if (signal.aborted) return;
  const median = times.sort((a, b) => a - b)[(RUNS - 1) / 2] ?? 0;
  const text = median > 0 ? formatDuration(median) : "below the clock’s resolution";
  setText("median", `warm median: ${text}`);
}
