import type { Router } from "tiny-dancer";
import type { LabelledPrompt } from "../batch/prompts.js";
import { costOf, getPrices } from "../money/prices.js";

/** Marks that are stored together. */
const TOGETHER = 100;

/** Records a decision and both marks for each prompt; gives how many that were. */
export async function recordMarks(
  router: Router,
  rows: readonly LabelledPrompt[],
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<number> {
  let done = 0;
  for (const { prompt, lightScore, powerfulScore } of rows) {
    signal.throwIfAborted();
    if (lightScore === undefined || powerfulScore === undefined) continue;
    const { decisionId, model, nTokens } = await router.route({ prompt, candidates: [] });
    const { light, powerful, answerTokens } = getPrices();
    const cost = costOf(model === "light" ? light : powerful, nTokens);
    await router.recordOutcome(decisionId, { model, cost, tokensIn: nTokens, tokensOut: answerTokens, lightScore, powerfulScore });
    if (++done % TOGETHER === 0) {
      await router.flush();
      onProgress(done);
    }
  }
  await router.flush();
  onProgress(done);
  return done;
}

const TOWNS = ["Lisbon", "Oslo", "Vienna", "Dublin", "Athens", "Warsaw", "Rome", "Prague", "Madrid", "Bern"];
const EASY = [
  (n: number, town: string) => `What is the postcode of street ${String(n)} in ${town}?`,
  (n: number, town: string) => `Translate into French: The train to ${town} leaves at ${String(n)}.`,
  (n: number, town: string) => `Write a short note that order ${String(n)} was sent to ${town}.`,
];
const HARD = [
  (n: number) => `Prove that there are infinitely many primes p for which p plus ${String(n)} is squarefree.`,
  (n: number) => `Find all integer solutions of x^2 minus ${String(n)} y^2 equals 1 and prove that there are no others.`,
];

/**
 * Invented prompts with invented marks, for those who have none at hand: the light model is right on
 * easy ones, and on hard ones every other time; `failing` is the share of easy ones that it gets wrong.
 */
export function inventMarks(count: number, failing: number, seed: number): LabelledPrompt[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes, section 7.1
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, (_, at) => {
    const n = seed * 10_000 + at;
    const isHard = random() < 0.3;
    const kinds = isHard ? HARD : EASY;
    const make = kinds[Math.floor(random() * kinds.length)] ?? EASY[0];
    const town = TOWNS[at % TOWNS.length] ?? "";
    const fails = random() < (isHard ? 0.5 : failing);
    return { prompt: make?.(n, town) ?? "", lightScore: fails ? 0 : 1, powerfulScore: 1 };
  });
}
