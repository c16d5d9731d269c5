import type { Reason, RoutingResponse } from "tiny-dancer";

const SENTENCES: Partial<Record<Reason, string>> = {
  below_threshold: "The expected loss of choosing the light model is small enough.",
  above_threshold: "Choosing the light model would risk too much quality.",
  gate_passed: "Confident and certain enough for the light model.",
  gate_confidence: "Confidence is below your threshold.",
  gate_uncertainty: "Uncertainty is above your limit.",
  no_model: "No model is loaded, so the powerful model is chosen.",
  empty_prompt: "The prompt is empty; in doubt the powerful model is chosen.",
  unfamiliar_input:
    "Unlike the text this network was trained on (English, mostly), so it does not trust its score.",
  breaker_light_open: "The light model failed too often; requests go to the powerful model for now.",
  breaker_powerful_open: "The powerful model failed too often; requests go to the light model for now.",
  both_breakers_open: "Both models failed too often; try again later.",
  policy_mismatch: "The policy was made for another bundle, so the powerful model is chosen.",
};

/** The reason of a decision in one sentence. */
export function explain({ reason }: RoutingResponse): string {
  return SENTENCES[reason] ?? getReasonName(reason);
}

/** A reason’s name with spaces. */
export function getReasonName(reason: Reason): string {
  return reason.replaceAll("_", " ");
}
