import type { Router } from "tiny-dancer";
import { costOf, getPrices } from "../money/prices.js";
import type { LabelledPrompt } from "./prompts.js";

/** Prompts that are under way at once. */
const TOGETHER = 32;

/** What the router found for one prompt; the model does not run again for another threshold. */
export interface Scored extends LabelledPrompt {
  readonly confidence: number | null;
  /** Expected loss of choosing light; null where the router decides without one. */
  readonly score: number | null;
  readonly useLightweight: boolean;
  readonly nTokens: number;
}

/** Decides for all of them, in order; nothing is recorded. */
export async function scoreAll(
  router: Router,
  prompts: readonly LabelledPrompt[],
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Scored[]> {
  const found: Scored[] = [];
  for (let at = 0; at < prompts.length; at += TOGETHER) {
    signal.throwIfAborted();
    const some = prompts.slice(at, at + TOGETHER);
    const scored = some.map(async (row) => {
      const { confidence, score, reason, useLightweight, nTokens } = await router.score({ prompt: row.prompt, candidates: [], signal });
      const isOpen = reason.endsWith("_threshold") || reason.startsWith("gate_");
      return { ...row, confidence, score: isOpen ? score : null, useLightweight, nTokens };
    });
    found.push(...(await Promise.all(scored)));
    onProgress(found.length);
  }
  return found;
}

/** Which of them go to the light model if a share of all does, the surest first; null: the router's own choice. */
export function choose(rows: readonly Scored[], share: number | null): boolean[] {
  if (share === null) return rows.map(({ useLightweight }) => useLightweight);
  const surest = rows
    .map(({ score }, at) => ({ score, at }))
    .filter((row): row is { score: number; at: number } => row.score !== null)
    .sort((a, b) => a.score - b.score)
    .slice(0, Math.round(share * rows.length));
  const light = new Set(surest.map(({ at }) => at));
  return rows.map((_, at) => light.has(at));
}

export interface Totals {
  readonly n: number;
  readonly light: number;
  readonly tokens: number;
  /** Money as chosen, and with the powerful model alone. */
  readonly cost: number;
  readonly powerfulCost: number;
  /** Mean marks over the labelled rows: as chosen, powerful alone, light alone; null without labels. */
  readonly marks: { readonly n: number; readonly chosen: number; readonly powerful: number; readonly light: number } | null;
}

export function sumUp(rows: readonly Scored[], isLight: readonly boolean[]): Totals {
  const { light, powerful } = getPrices();
  let [cost, powerfulCost, tokens] = [0, 0, 0];
  let [n, chosen, strong, weak] = [0, 0, 0, 0];
  for (const [at, row] of rows.entries()) {
    const dear = costOf(powerful, row.nTokens);
    tokens += row.nTokens;
    powerfulCost += dear;
    cost += isLight[at] ? costOf(light, row.nTokens) : dear;
    if (row.lightScore === undefined || row.powerfulScore === undefined) continue;
    n++;
    chosen += isLight[at] ? row.lightScore : row.powerfulScore;
    strong += row.powerfulScore;
    weak += row.lightScore;
  }
  const marks = n > 0 ? { n, chosen: chosen / n, powerful: strong / n, light: weak / n } : null;
  return { n: rows.length, light: isLight.filter(Boolean).length, tokens, cost, powerfulCost, marks };
}
