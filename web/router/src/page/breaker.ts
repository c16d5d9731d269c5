/** How a circuit breaker stands. */
export type Mode = "closed" | "open" | "half_open" | "forced_open" | "forced_closed";

/** Permission to send one probe to a model that is half-open; hand it to `route` and `report`. */
export interface Lease {
  readonly model: string;
  readonly id: string;
  /** Seconds since 1970; from then on it is worth nothing. */
  readonly expiresAt: number;
}

/** What happened to a call to a model. */
export interface Report {
  readonly ok: boolean;
  readonly latencyMs?: number;
  /** HTTP status; a 4xx other than 408 and 429 is the caller's fault and not counted. */
  readonly status?: number;
  /** Seconds the upstream asked to wait. */
  readonly retryAfter?: number;
  readonly lease?: Lease;
}
