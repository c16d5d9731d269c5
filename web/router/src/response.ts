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
  | "budget";

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
  /** Microseconds inside Python; null where the browser's clock is too coarse to tell. */
  readonly inferenceTimeUs: number | null;
}

/** The response for the wire format, which writes the same names in snake_case. */
export function fromWire(wire: string): RoutingResponse {
  const fields = JSON.parse(wire) as Record<string, unknown>;
  const entries = Object.entries(fields).map(([name, value]) => [camelCase(name), value]);
  return Object.fromEntries(entries) as RoutingResponse;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
