/**
 * The history in IndexedDB, one function a logical operation, for py/tiny_dancer/history/stores/indexeddb.py.
 *
 * The hazard: a transaction ends as soon as nothing asks anything of it, so Python, which comes back
 * from an await only after a turn of the event loop, can never hold one. Hence each function here opens
 * its own, awaits nothing but that transaction's requests, and resolves when it is complete. JSON text
 * goes in and out. A record has the fields of docs/history.md and `seq`, the order of writing.
 */
import {
  ALL,
  type Database,
  IDENTITY,
  type Kind,
  newKey,
  type RecordFields,
  type Table,
  TOTALS,
  type TotalsRow,
} from "./schema.js";
import { countDecision, countOutcome, isForeign, mergeOutcome } from "./totals.js";
import { TotalsChange } from "./totals-change.js";
import { ignoreFailure, runInTransaction } from "./transaction.js";

const TOP_CANDIDATES = 100;

/** Kinds of states that are kept of a pair, and the field that holds its decision. */
const PAIR_STATES = new Map([
  ["shadowed", "text"],
  ["pair_texts", "name"],
]);

export class Store {
  readonly #database: Database;
  readonly #channel: BroadcastChannel;

  constructor(database: Database, channel: BroadcastChannel) {
    this.#database = database;
    this.#channel = channel;
  }

  /** Adds records that are not there yet, and counts them; how many were new. */
  async put(kind: Kind, json: string): Promise<number> {
    const table = getTable(kind);
    const durability = kind === "decision" ? "relaxed" : "strict";
    const records = JSON.parse(json) as RecordFields[];
    const tables = [...new Set<Table>([table, "candidates"]), ...TOTALS];
    const tx = this.#database.transaction(tables, "readwrite", { durability });
    return runInTransaction(tx, async () => {
      const identity = tx.objectStore(table).index("identity");
      const keys = records.map((record) => getIdentity(table, record));
      const found = await Promise.all(keys.map((key) => identity.getKey(key)));
      const seen = new Set<string>();
      const fresh = records.filter((_, n) => {
        const key = JSON.stringify(keys[n]);
        return found[n] === undefined && !seen.has(key) && seen.add(key);
      });
      const totals = new TotalsChange(tx);
      for (const record of fresh) {
        void tx.objectStore(table).add(record).catch(ignoreFailure);
        if (kind === "decision") countDecision(totals.changes, record);
        if (kind === "outcome") countOutcome(totals.changes, record, 1);
      }
      await totals.write();
      return fresh.length;
    });
  }

  /** Adds candidates, or replaces those of the same id in their place. */
  async replaceCandidates(json: string): Promise<void> {
    const records = JSON.parse(json) as RecordFields[];
    const tx = this.#database.transaction("candidates", "readwrite", { durability: "strict" });
    return runInTransaction(tx, async () => {
      for (const record of records) {
        const seq = await tx.store.index("identity").getKey(getIdentity("candidates", record));
        await tx.store.put(seq === undefined ? record : { ...record, seq });
      }
    });
  }

  /** The candidate of an id as JSON, or "null". */
  async candidate(id: string): Promise<string> {
    return JSON.stringify((await this.#database.getFromIndex("candidates", "identity", id)) ?? null);
  }

  /** Candidates whose metadata hold all pairs of `where`, in the order they came. */
  async candidates(limit: number, offset: number, where: string): Promise<string> {
    const pairs = Object.entries(JSON.parse(where) as Record<string, string>);
    const fits = ({ metadata }: RecordFields) =>
      pairs.every(([key, value]) => getOwn(metadata as Record<string, unknown>, key) === value);
    const found: RecordFields[] = [];
    const tx = this.#database.transaction("candidates");
    let skip = offset;
    for (let at = await tx.store.openCursor(); at && found.length < limit; at = await at.continue()) {
      if (fits(at.value) && skip-- <= 0) found.push(at.value);
    }
    return JSON.stringify(found);
  }

  /** Deletes a candidate; false where there was none. */
  async deleteCandidate(id: string): Promise<boolean> {
    const tx = this.#database.transaction("candidates", "readwrite", { durability: "strict" });
    return runInTransaction(tx, async () => {
      const seq = await tx.store.index("identity").getKey(id);
      if (seq !== undefined) await tx.store.delete(seq);
      return seq !== undefined;
    });
  }

  /** Decisions, the one written last first. */
  async newest(limit: number, offset: number): Promise<string> {
    const found: RecordFields[] = [];
    if (limit === 0) return "[]";
    const tx = this.#database.transaction("decisions");
    let at = await tx.store.openCursor(null, "prev");
    if (at && offset) at = await at.advance(offset);
    for (; at && found.length < limit; at = await at.continue()) found.push(at.value);
    return JSON.stringify(found);
  }

  /** Adds to the outcomes of decisions, with what they copy from them; the unknown ids. */
  async recordOutcomes(json: string, copied: string): Promise<string> {
    const names = JSON.parse(copied) as string[];
    const given = JSON.parse(json) as (RecordFields & { decision_id: string })[];
    const tables = ["candidates", "decisions", "outcomes", ...TOTALS] as const;
    const tx = this.#database.transaction(tables, "readwrite", { durability: "strict" });
    return runInTransaction(tx, async () => {
      const ids = [...new Set(given.map((outcome) => outcome.decision_id))];
      const decisions = tx.objectStore("decisions").index("identity");
      const outcomes = tx.objectStore("outcomes").index("identity");
      const made = new Map(await Promise.all(ids.map(async (id) => [id, await decisions.get(id)] as const)));
      const had = new Map(await Promise.all(ids.map(async (id) => [id, await outcomes.get(id)] as const)));
      const totals = new TotalsChange(tx);
      const unknown: string[] = [];
      const changed = new Set<string>();
      for (const outcome of given) {
        const id = outcome.decision_id;
        const decision = made.get(id);
        const old = had.get(id);
        if (!decision || isForeign(outcome, decision)) {
          unknown.push(id);
          continue;
        }
        const fresh = mergeOutcome(old, outcome, decision, names);
        if (old) countOutcome(totals.changes, old, -1);
        countOutcome(totals.changes, fresh, 1);
        had.set(id, fresh);
        changed.add(id);
      }
      for (const id of changed) {
        const record = had.get(id);
        if (!record) continue;
        const { seq, ...fresh } = record; // as the newest, so that it is scanned again
        if (seq !== undefined) void tx.objectStore("outcomes").delete(seq).catch(ignoreFailure);
        void tx.objectStore("outcomes").put(fresh).catch(ignoreFailure);
      }
      await totals.write();
      return JSON.stringify(unknown);
    });
  }

  /** Running totals: by model, and of the most used candidates. */
  async totals(): Promise<string> {
    const tx = this.#database.transaction(TOTALS);
    const models = await tx.objectStore("totals_model").getAll();
    const candidates = await tx.objectStore("totals_candidate").getAll();
    const routes = (row: TotalsRow) => Number(row["routes"] ?? 0);
    candidates.sort(
      (a, b) => routes(b) - routes(a) || compare(String(a["candidate_id"]), String(b["candidate_id"])),
    );
    return JSON.stringify({ models, candidates: candidates.slice(0, TOP_CANDIDATES) });
  }

  /** Shared states of a kind. */
  async states(kind: string): Promise<string> {
    const range = IDBKeyRange.bound([kind], [kind, []]);
    return JSON.stringify(await this.#database.getAllFromIndex("states", "identity", range));
  }

  /** Replaces a state where its version still is this one (0: absent), and adds the events. */
  async swap(kind: string, name: string, text: string, version: number, events: string): Promise<boolean> {
    const tx = this.#database.transaction(["states", "events"], "readwrite", { durability: "strict" });
    const isSwapped = await runInTransaction(tx, async () => {
      const states = tx.objectStore("states");
      const old = await states.index("identity").get([kind, name]);
      const isSwapped = ((old?.["version"] as number | undefined) ?? 0) === version;
      if (isSwapped) {
        await states.put({ ...old, kind, name, text, version: version + 1 });
        const kept = tx.objectStore("events");
        for (const event of JSON.parse(events) as RecordFields[]) {
          const there = await kept.index("identity").getKey(getIdentity("events", event));
          if (there === undefined) await kept.add(event);
        }
      }
      return isSwapped;
    });
    if (isSwapped) this.#channel.postMessage(null);
    return isSwapped;
  }

  /** Records with a number beyond `after`, in the order they were written. */
  async scan(kind: Kind, after: number, limit: number): Promise<string> {
    if (limit === 0) return "[]"; // to getAll it means "all"
    const range = IDBKeyRange.lowerBound(after, true);
    return JSON.stringify(await this.#database.getAll(getTable(kind), range, limit));
  }

  /** Deletes old decisions, outcomes and events among the oldest `limit`, and what is kept of pairs whose decisions are gone; how many. */
  async retain(before: number, keep: number, limit: number): Promise<number> {
    const tables = ["decisions", "outcomes", "events"] as const;
    const tx = this.#database.transaction([...tables, "states"], "readwrite", { durability: "relaxed" });
    return runInTransaction(tx, async () => {
      let deleted = 0;
      for (const table of tables) {
        const store = tx.objectStore(table);
        const newest = (await store.openKeyCursor(null, "prev"))?.key ?? 0;
        const oldest = limit ? await store.getAll(null, limit) : [];
        for (const record of oldest) {
          const seq = record.seq ?? 0;
          if ((record["at"] as number) >= before && seq > newest - keep) continue;
          void store.delete(seq).catch(ignoreFailure);
          deleted += 1;
        }
      }
      const states = tx.objectStore("states");
      const decisions = tx.objectStore("decisions").index("identity");
      for (const state of limit ? await states.getAll(null, limit) : []) {
        const field = PAIR_STATES.get(state["kind"] as string);
        if (!field || (await decisions.getKey(state[field] as string)) !== undefined) continue;
        void states.delete(state.seq ?? 0).catch(ignoreFailure);
        deleted += 1;
      }
      return deleted;
    });
  }

  /** The random key of prompt hashes, hexadecimal. */
  async promptKey(): Promise<string> {
    return (await this.#database.get("meta", "key")) ?? "";
  }

  /** Writes something of no meaning: fails as the next write would. */
  async probe(): Promise<void> {
    const tx = this.#database.transaction("meta", "readwrite", { durability: "relaxed" });
    await runInTransaction(tx, () => tx.store.put(newKey(), "probe"));
  }

  /** Deletes everything and draws a new key. */
  async clear(): Promise<void> {
    const tx = this.#database.transaction(ALL, "readwrite", { durability: "strict" });
    await runInTransaction(tx, async () => {
      for (const table of ALL) void tx.objectStore(table).clear().catch(ignoreFailure);
      await tx.objectStore("meta").put(newKey(), "key");
    });
    this.#channel.postMessage(null);
  }

  close(): void {
    this.#channel.close();
    this.#database.close();
  }
}

function getTable(kind: Kind): Table {
  return `${kind}s`;
}

function getIdentity(table: Table, record: RecordFields): string | (string | number)[] {
  const path = IDENTITY[table];
  return typeof path === "string"
    ? (record[path] as string)
    : path.map((name) => record[name] as string | number);
}

function getOwn(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
