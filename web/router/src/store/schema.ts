/** The object stores of the history, and how a database comes from one version to the next. */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from "idb";

export type RecordFields = Record<string, unknown>;
export type Kind = "candidate" | "decision" | "outcome" | "state" | "event";
export type Table = "candidates" | "decisions" | "outcomes" | "states" | "events";

interface Records {
  key: number;
  value: RecordFields & { seq?: number };
  indexes: { identity: string | (string | number)[] };
}

/** Totals with the name they are of. */
export type TotalsRow = Record<string, number | string>;

export interface Schema extends DBSchema {
  meta: { key: string; value: string };
  candidates: Records;
  decisions: Records;
  outcomes: Records;
  states: Records;
  events: Records;
  totals_model: { key: string; value: TotalsRow };
  totals_candidate: { key: string; value: TotalsRow };
}

export type Database = IDBPDatabase<Schema>;
export type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], "versionchange">;
/** Brings a database from one version to the next. */
export type Step = (database: Database, upgrade: Upgrade) => void;

export const IDENTITY: Record<Table, string | string[]> = {
  candidates: "id",
  decisions: "decision_id",
  outcomes: "decision_id",
  states: ["kind", "name"],
  events: ["kind", "name", "version", "n"],
};
const TABLES = Object.keys(IDENTITY) as Table[];
export const TOTALS = ["totals_model", "totals_candidate"] as const;
export const ALL = ["meta", ...TABLES, ...TOTALS] as const;

/** One step a version; a released one is never changed. */
export const STEPS: readonly Step[] = [
  (database, upgrade) => {
    database.createObjectStore("meta");
    for (const table of TABLES) {
      const store = database.createObjectStore(table, { keyPath: "seq", autoIncrement: true });
      store.createIndex("identity", IDENTITY[table], { unique: true });
    }
    database.createObjectStore("totals_model", { keyPath: "model" });
    database.createObjectStore("totals_candidate", { keyPath: "candidate_id" });
    void upgrade.objectStore("meta").put(newKey(), "key");
  },
];

/** A random key for prompt hashes, hexadecimal. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
