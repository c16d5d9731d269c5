import type { IDBPTransaction } from "idb";
import type { Schema, TOTALS, TotalsRow } from "./schema.js";
import type { Totals } from "./totals.js";

/** A total stops here and at its negative, as in the other stores. */
const MAX_TOTAL = Number.MAX_SAFE_INTEGER;

/** Names with totals of their own; later ones have none, but for stored candidates. */
const COUNTED_MODELS = 1_000;
const COUNTED_CANDIDATES = 10_000;
/** The same for models that only a report names. */
const COUNTED_SCORES = 500;

type Transaction = IDBPTransaction<Schema, ("candidates" | (typeof TOTALS)[number])[], "readwrite">;

/** A change of totals, gathered while records are counted and written at the end. */
export class TotalsChange {
  readonly changes = { models: new Map<string, Totals>(), candidates: new Map<string, Totals>() };
  readonly #tx: Pick<Transaction, "objectStore">;

  constructor(tx: unknown) {
    this.#tx = tx as Transaction;
  }

  async write(): Promise<void> {
    const { models, candidates } = this.changes;
    const byModel = this.#tx.objectStore("totals_model");
    let known = await byModel.count();
    for (const [model, change] of models) {
      const old = await byModel.get(model);
      if (!old && known >= getMostModels(change)) continue;
      if (!old) known += 1;
      await byModel.put({ ...add(old, change), model });
    }
    const byCandidate = this.#tx.objectStore("totals_candidate");
    const stored = this.#tx.objectStore("candidates").index("identity");
    known = candidates.size ? await byCandidate.count() : 0;
    for (const [candidate_id, change] of candidates) {
      const old = await byCandidate.get(candidate_id);
      const isFull = !old && known >= COUNTED_CANDIDATES;
      if (isFull && (await stored.getKey(candidate_id)) === undefined) continue;
      if (!old) known += 1;
      await byCandidate.put({ ...add(old, change), candidate_id });
    }
  }
}

/** How many models may have totals for this change to make one more. */
function getMostModels(change: Totals): number {
  return "routes" in change || "outcomes" in change ? COUNTED_MODELS : COUNTED_SCORES;
}

function add(old: TotalsRow | undefined, change: Totals): TotalsRow {
  const total = { ...old };
  for (const [name, number] of Object.entries(change)) {
    total[name] = Math.max(Math.min(Number(total[name] ?? 0) + number, MAX_TOTAL), -MAX_TOTAL);
  }
  return total;
}
