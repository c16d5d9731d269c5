import type { Mode } from "./breaker.js";
import type { Reason } from "./response.js";

/** A decision as it is kept; the prompt never is. docs/history.md says what each field means. */
export interface DecisionRecord {
  readonly decisionId: string;
  /** Seconds since 1970. */
  readonly at: number;
  readonly model: string;
  readonly useLightweight: boolean;
  readonly reason: Reason;
  /** Equal for equal prompts of one store; without the store's key nobody can test a guess. */
  readonly promptHash: string | null;
  readonly candidateId: string | null;
  readonly confidence: number | null;
  readonly uncertainty: number | null;
  readonly score: number | null;
  readonly threshold: number | null;
  readonly policyId: string | null;
  readonly bundleHash: string | null;
  readonly propensity: number;
  readonly explored: boolean;
  readonly nTokens: number | null;
  readonly inferenceTimeUs: number | null;
}

interface Rated {
  readonly routes: number;
  /** Outcomes that say how well it answered. */
  readonly scored: number;
  readonly successes: number;
  readonly successRate: number | null;
}

export interface ModelStatistics extends Rated {
  readonly model: string;
  readonly cost: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface CandidateStatistics extends Rated {
  readonly candidateId: string;
}

/** Totals since the store was made; decisions deleted for their age still count. */
export interface Statistics {
  readonly totalRoutes: number;
  readonly lightweightRoutes: number;
  readonly lightweightShare: number | null;
  /** Microseconds; null where no decision was timed. */
  readonly averageLatencyUs: number | null;
  readonly outcomes: number;
  readonly cost: number;
  /** What the powerful model would have cost, less what was paid, where an outcome says both. */
  readonly moneySaved: number;
  readonly models: readonly ModelStatistics[];
  readonly candidates: readonly CandidateStatistics[];
}

/** How many records of an import were new. */
export type Imported = Readonly<Record<"candidate" | "decision" | "outcome" | "state" | "event", number>>;

/** What one monitor of a certified policy has seen. */
export interface Evidence {
  /** Decisions, or graded outcomes of distinct prompts. */
  readonly n: number;
  /** 1 at first; at `bound` it speaks up. */
  readonly eValue: number;
  readonly bound: number;
  /** When it did, in seconds since 1970; null where it did not. */
  readonly since: number | null;
}

/** The monitors of a certified policy; while `alarm`, every decision is powerful. */
export interface Drift {
  readonly state: "alarm" | "warning" | "steady";
  readonly policyId: string;
  readonly loss: Evidence;
  readonly scores: Evidence;
}

/** Counters since the router was made. */
export interface Metrics {
  readonly total: number;
  readonly light: number;
  readonly lightShare: number | null;
  readonly latencyUs: readonly { readonly quantile: number; readonly us: number | null }[];
  readonly decisions: readonly { readonly model: string; readonly reason: Reason; readonly count: number }[];
  /** Models that were reported on. */
  readonly breakers: readonly { readonly model: string; readonly mode: Mode }[];
  readonly transitions: readonly { readonly model: string; readonly mode: Mode; readonly count: number }[];
  readonly outcomes: number;
  readonly cost: number;
  readonly moneySaved: number;
  /** Decisions pushed out of a full queue. */
  readonly dropped: number;
  readonly unknownOutcomes: number;
  /** Decisions and outcomes that the store does not keep for what they are. */
  readonly refused: number;
  /** Records that wait to be stored. */
  readonly queued: number;
  /** True while the last write failed. */
  readonly storeFailing: boolean;
  /** Monitors of the certified policy in service; null where there is none. */
  readonly drift: Drift | null;
}
