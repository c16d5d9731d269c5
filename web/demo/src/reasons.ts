import type { Reason, RoutingResponse } from "tiny-dancer";

const SENTENCES: Partial<Record<Reason, string>> = {
  below_threshold: "The expected loss of choosing the light model is small enough.",
  above_threshold: "Choosing the light model would risk too much quality.",
  gate_passed: "Confident and certain enough for the light model.",
  gate_confidence: "The light model is not confident enough for your setting.",
  gate_uncertainty: "Too uncertain for your setting.",
  no_model: "No model is loaded, so nothing is decided in favour of light.",
  empty_prompt: "There is nothing to read yet; in doubt the powerful model answers.",
  unfamiliar_input:
    "Unlike the text this network was trained on (English, mostly), so it does not trust its score.",
  breaker_light_open: "The light model failed too often, so the powerful one takes over for a while.",
  breaker_powerful_open: "The powerful model failed too often, so the light one takes over for a while.",
  both_breakers_open: "Both models failed too often; try again in a while.",
  policy_mismatch: "The policy was made for another model, so the careful choice is taken.",
};

/** Why, in one sentence a person understands. */
export function explain({ reason }: RoutingResponse): string {
  return SENTENCES[reason] ?? reasonName(reason);
}

/** A reason in its own words. */
export function reasonName(reason: Reason): string {
  return reason.replaceAll("_", " ");
}
