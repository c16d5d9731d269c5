import type { IDBPTransaction } from "idb";
import type { Schema, TOTALS, TotalsRow } from "./schema.js";
import type { Totals } from "./totals.js";

/** A change of totals, gathered while records are counted and written at the end. */
export class TotalsChange {
  readonly changes = { models: new Map<string, Totals>(), candidates: new Map<string, Totals>() };
  readonly #tx: Pick<IDBPTransaction<Schema, (typeof TOTALS)[number][], "readwrite">, "objectStore">;

  constructor(tx: unknown) {
    this.#tx = tx as IDBPTransaction<Schema, (typeof TOTALS)[number][], "readwrite">;
  }

  async write(): Promise<void> {
    const models = this.#tx.objectStore("totals_model");
    for (const [model, change] of this.changes.models) {
      await models.put({ ...add(await models.get(model), change), model });
    }
    const candidates = this.#tx.objectStore("totals_candidate");
    for (const [candidate_id, change] of this.changes.candidates) {
      await candidates.put({ ...add(await candidates.get(candidate_id), change), candidate_id });
    }
  }
}

function add(old: TotalsRow | undefined, change: Totals): TotalsRow {
  const total = { ...old };
  for (const [name, number] of Object.entries(change)) total[name] = Number(total[name] ?? 0) + number;
  return total;
}
