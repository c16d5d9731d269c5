/** What a record adds to the running totals; the same arithmetic as history/stores/memory_totals.py and schema.py. */
import type { RecordFields } from "./schema.js";

export type Totals = Record<string, number>;

export interface Changes {
  readonly models: Map<string, Totals>;
  readonly candidates: Map<string, Totals>;
}

/** Models that the scores of one outcome name, together with earlier reports. */
const MAX_SCORES = 16;

/** Who marked: no check and no judge replaces their marks. */
const PEOPLE = "people";

/** The least quality that counts as a success. */
const GOOD = 0.5;

export function countDecision({ models, candidates }: Changes, decision: RecordFields): void {
  const time = number(decision, "inference_time_us");
  const candidate = text(decision, "candidate_id");
  add(models, String(decision["model"]), {
    routes: 1,
    light: decision["use_lightweight"] ? 1 : 0,
    latency_us: time ?? 0,
    timed: time === null ? 0 : 1,
  });
  if (candidate !== null) add(candidates, candidate, { routes: 1 });
}

/** Adds an outcome's numbers; with the sign -1 takes them back. */
export function countOutcome({ models, candidates }: Changes, outcome: RecordFields, sign: 1 | -1): void {
  const cost = number(outcome, "cost");
  const powerful = number(outcome, "cost_powerful");
  const shadow = number(outcome, "shadow_cost") ?? 0;
  const judge = number(outcome, "judge_cost") ?? 0;
  const asked = number(outcome, "cost_asked");
  const saved = cost === null || powerful === null ? 0 : powerful - cost;
  const onAsked = cost === null || asked === null ? 0 : asked - cost;
  const candidate = text(outcome, "candidate_id");
  add(models, String(outcome["model"]), {
    outcomes: sign,
    cost: sign * (cost ?? 0),
    saved: sign * (saved - shadow - judge),
    tokens_in: sign * (number(outcome, "tokens_in") ?? 0),
    tokens_out: sign * (number(outcome, "tokens_out") ?? 0),
    shadow_cost: sign * shadow,
    judge_cost: sign * judge,
    saved_on_asked: sign * (onAsked - shadow - judge),
  });
  for (const [model, quality] of Object.entries(outcome["scores"] as Record<string, number>)) {
    const counts = { scored: sign, successes: quality >= GOOD ? sign : 0 };
    add(models, model, counts);
    if (model === outcome["model"] && candidate !== null) add(candidates, candidate, counts);
  }
}

const NUMBERS: ReadonlySet<string> = new Set([
  "cost",
  "cost_powerful",
  "tokens_in",
  "tokens_out",
  "latency_ms",
  "shadow_cost",
  "judge_cost",
  "cost_asked",
]);

/**
 * What was known and what is said now; that wins, but for a judge's mark over people's. Of an owner's numbers
 * only those count that were not known: a measured cost stays.
 */
export function mergeOutcome(
  old: RecordFields | undefined,
  said: RecordFields,
  decision: RecordFields,
  copied: readonly string[],
): RecordFields {
  const kept = { ...(old ?? Object.fromEntries(copied.map((name) => [name, decision[name] ?? null]))) };
  const isOwned = text(said, "owner") !== null;
  for (const [name, value] of Object.entries(said)) {
    if (name === "owner") continue; // the decision's
    const isMeasured = isOwned && NUMBERS.has(name) && (kept[name] ?? null) !== null;
    if ((value !== null && !isMeasured) || !(name in kept)) kept[name] = value;
  }
  const [before, now] = [old?.["scores"] as object | undefined, said["scores"] as object];
  const by = text(said, "graded_by");
  const byPeople = old?.["graded_by"] === PEOPLE && by !== null && by !== PEOPLE;
  const scores = byPeople ? { ...now, ...before } : { ...before, ...now };
  if (byPeople) kept["graded_by"] = PEOPLE;
  kept["scores"] = old && Object.keys(scores).length > MAX_SCORES ? old["scores"] : scores;
  return kept;
}

/** Whether a report is by another owner than the decision's. */
export function isForeign(outcome: RecordFields, decision: RecordFields): boolean {
  const [by, owner] = [text(outcome, "owner"), text(decision, "owner")];
  return by !== null && owner !== null && by !== owner;
}

function number(record: RecordFields, name: string): number | null {
  return (record[name] ?? null) as number | null;
}

function text(record: RecordFields, name: string): string | null {
  return (record[name] ?? null) as string | null;
}

function add(totals: Map<string, Totals>, name: string, change: Totals): void {
  const total = totals.get(name) ?? {};
  for (const [key, number] of Object.entries(change)) total[key] = (total[key] ?? 0) + number;
  totals.set(name, total);
}
