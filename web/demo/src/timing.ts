import type { Router } from "tiny-dancer";
import { duration } from "./format.js";
import { setText } from "./page.js";

const IDLE_MS = 350;
const RUNS = 51;

/**
 * Once typing rests, decides the same prompt again and again and shows the median: a single decision
 * after a pause finds the processor's caches cold and says little.
 */
export async function showMedian(router: Router, prompt: string, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    if (signal.aborted) return;
    const { inferenceTimeUs } = await router.route({ prompt, candidates: [] });
    times.push(inferenceTimeUs ?? 0); // below what the clock can tell
  }
  if (signal.aborted) return;
  const median = times.sort((a, b) => a - b)[(RUNS - 1) / 2] ?? 0;
  const text = median > 0 ? duration(median) : "below the clock’s step";
  setText("median", `again, warm: ${text}`);
}
