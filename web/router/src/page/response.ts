/** Why a decision came out as it did. */
export type Reason =
  | "below_threshold"
  | "above_threshold"
  | "gate_passed"
  | "gate_confidence"
  | "gate_uncertainty"
  | "no_model"
  | "nothing_to_score"
  | "empty_prompt"
  | "unfamiliar_input"
  | "policy_mismatch"
  | "policy_stale"
  | "drift_alarm"
  | "breaker_light_open"
  | "breaker_powerful_open"
  | "both_breakers_open"
  | "forced"
  | "sticky"
  | "capability"
  | "budget"
  | "observe";

/** What a candidate was scored by, each in [0, 1]. */
export interface Features {
  /** (1 + cosine) / 2 of query and candidate. */
  readonly similarity: number;
  /** Halves with every half-life of its age. */
  readonly recency: number;
  /** Logarithm of its access count, 1 at the bundle's cap. */
  readonly frequency: number;
  readonly successRate: number;
  /** Shared key=value pairs over all pairs of the request. */
  readonly metadataOverlap: number;
}

/** One candidate of a response. */
export interface RoutingDecision {
  readonly candidateId: string;
  /** Calibrated probability that it serves the query well. */
  readonly confidence: number;
  /** True where that is enough by the router's threshold. */
  readonly useLightweight: boolean;
  /** Conformal p-value of "it does not". */
  readonly uncertainty: number;
  /** About 90 %: the success rate near this confidence. */
  readonly interval: readonly [number, number] | null;
  /** Expected loss of choosing it, 1 − confidence. */
  readonly score: number;
  /** 0 for the best. */
  readonly rank: number;
  readonly features: Features;
}

/** A decision and the numbers behind it; null where there is no model. */
export interface RoutingResponse {
  readonly decisionId: string;
  /** True where the choice is not the powerful model. */
  readonly useLightweight: boolean;
  /** Name of the chosen model. */
  readonly model: string;
  /** Calibrated probability that the light model answers well. */
  readonly confidence: number | null;
  /** Conformal p-value of "light fails". */
  readonly uncertainty: number | null;
  /** About 90 %: light's success rate among similar calibration prompts. */
  readonly interval: readonly [number, number] | null;
  /** Those of works and fails that cannot be ruled out. */
  readonly predictionSet: readonly ("works" | "fails")[];
  /** Probability of a good answer by model, cheapest first. */
  readonly probabilities: readonly number[];
  /** Expected loss of choosing the cheapest model. */
  readonly score: number | null;
  /** The policy's bound on the score; null where a gate decided. */
  readonly threshold: number | null;
  readonly reason: Reason;
  readonly policyId: string | null;
  /** SHA-256 of the bundle, hexadecimal. */
  readonly bundleHash: string | null;
  /** Tokens the model read. */
  readonly nTokens: number;
  readonly truncated: boolean;
  /** The best candidates, best first. */
  readonly decisions: readonly RoutingDecision[];
  /** Candidates that were scored. */
  readonly candidatesProcessed: number;
  /** Seconds until a model may be tried again, where no circuit breaker is closed. */
  readonly retryAfterS: number | null;
  /** Microseconds inside Python; null where the browser's clock is too coarse to tell. */
  readonly inferenceTimeUs: number | null;
}

/** The response for the wire format, which writes the same names in snake_case. */
export function parseResponse(wire: string): RoutingResponse {
  return toCamelCase(JSON.parse(wire)) as RoutingResponse;
}

/** Any JSON of Python with its names in camelCase; names that are values stay. */
export function toCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toCamelCase);
  if (typeof value !== "object" || value === null) return value;
  const rename = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [rename(name), toCamelCase(entry)]));
}
