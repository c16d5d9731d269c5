import { snakeCased } from "./config.js";
import { InvalidInputError } from "./errors.js";
import type { Answer, Call, Method } from "./protocol.js";
import type { DecisionRecord, Metrics, Statistics } from "./readings.js";
import { renamed } from "./response.js";

/** Permission to send one probe to a model that is half-open; hand it to `route` and `report`. */
export interface Lease {
  readonly model: string;
  readonly id: string;
  /** Seconds since 1970; from then on it is worth nothing. */
  readonly expiresAt: number;
}

/** What became of a call to a model. */
export interface Report {
  readonly ok: boolean;
  readonly latencyMs?: number;
  /** HTTP status; a 4xx other than 408 and 429 is the caller's fault and not counted. */
  readonly status?: number;
  /** Seconds the upstream asked to wait. */
  readonly retryAfter?: number;
  readonly lease?: Lease;
}

/** What became of a decision; a later outcome adds to an earlier one. */
export interface Outcome {
  /** Quality in [0, 1] of the cheapest model's answer. */
  readonly lightScore?: number;
  /** The same of the dearest model's. */
  readonly powerfulScore?: number;
  /** The same by name, for bundles with more models. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Who answered; with prices in the configuration the cost follows from the tokens. */
  readonly model?: string;
  readonly cost?: number;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  readonly latencyMs?: number;
}

/** How many records of an import were new. */
export type Imported = Readonly<Record<"candidate" | "decision" | "outcome" | "state" | "event", number>>;

/** The part of a router that looks back: breakers, outcomes, history. */
export abstract class Feedback {
  protected abstract call<M extends Method>(method: M, args: Call["args"]): Promise<Answer<M>>;

  /** Tells what became of a call to a model, `light`, `powerful` or a name; feeds its breaker. */
  async report(model: string, report: Report): Promise<void> {
    const { lease, ...fields } = report;
    const said = { ...snakeCased(fields), ...(lease && { lease: snakeCased(lease) }) };
    await this.call("report", [model, JSON.stringify(said)]);
  }

  /** A lease for one probe of a half-open model; null where none is to be had or needed. */
  async lease(model: string): Promise<Lease | null> {
    return renamed(JSON.parse(await this.call("lease", [model]))) as Lease | null;
  }

  /** True healthy, false open or half-open, null where breakers are off. Changes nothing. */
  async circuitBreakerStatus(model = "light"): Promise<boolean | null> {
    return JSON.parse(await this.call("circuit_breaker_status", [model])) as boolean | null;
  }

  /** Seconds until the first of these models may be probed; null where nobody can tell. */
  async retryAfterS(...models: string[]): Promise<number | null> {
    return JSON.parse(await this.call("retry_after_s", [JSON.stringify(models)])) as number | null;
  }

  /** Queues what became of a decision. */
  async recordOutcome(decisionId: string, outcome: Outcome): Promise<void> {
    await this.call("record_outcome", [decisionId, JSON.stringify(snakeCased(outcome))]);
  }

  /** Counters in memory since this router began, with or without a store. */
  async metrics(): Promise<Metrics> {
    return renamed(JSON.parse(await this.call("metrics", []))) as Metrics;
  }

  /** Totals since the store was made. */
  async stats(): Promise<Statistics> {
    return renamed(JSON.parse(await this.call("stats", []))) as Statistics;
  }

  /** Decisions, the latest first. */
  async history(limit = 50, offset = 0): Promise<DecisionRecord[]> {
    const rows = JSON.parse(await this.call("history", [limit, offset])) as unknown[];
    return rows.map((row) => renamed(row) as DecisionRecord);
  }

  /** Writes everything that waits; when it resolves, all that was decided before is stored. */
  async flush(): Promise<void> {
    await this.call("flush", []);
  }

  /** The history as lines of JSON. */
  async exportHistory(): Promise<Blob> {
    return this.call("export_history", []);
  }

  /** Adds the records of an export; those already there stay as they are. */
  async importHistory(file: Blob | string): Promise<Imported> {
    if (typeof file !== "string" && !(file instanceof Blob)) {
      throw new InvalidInputError("file: a Blob, a File or a string is needed");
    }
    return JSON.parse(await this.call("import_history", [new Blob([file])])) as Imported;
  }

  /** Deletes the history, shared states and the key of prompt hashes included. */
  async deleteAll(): Promise<void> {
    await this.call("delete_all", []);
  }
}
