"""Why a decision came out as it did."""

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why a decision came out as it did.

    Attributes:
        BELOW_THRESHOLD: the score is at most the policy's threshold; of a request without text,
            the best candidate is good enough.
        ABOVE_THRESHOLD: it is not.
        GATE_PASSED: confidence and uncertainty keep the bounds that were set.
        GATE_CONFIDENCE: the confidence is below `confidence_threshold`.
        GATE_UNCERTAINTY: the uncertainty is above `max_uncertainty`.
        NO_MODEL: there is no bundle, or it scores no candidates and there was no text.
        NOTHING_TO_SCORE: neither a text nor a candidate was given.
        EMPTY_PROMPT: the text has no token.
        UNFAMILIAR_INPUT: the text is unlike what the bundle was trained on, such as another
            language or noise.
        POLICY_MISMATCH: the policy was made for another bundle.
        POLICY_STALE: a newer calibration of the same target is in the store, or a policy that
            cannot be read.
        DRIFT_ALARM: the certified loss no longer holds.
        BREAKER_LIGHT_OPEN: the breaker of the model decided for, not the powerful one, is open.
        BREAKER_POWERFUL_OPEN: the breaker of the powerful model is open.
        BOTH_BREAKERS_OPEN: no model's breaker lets a request through.
        FORCED: the caller named the model.
        STICKY: the conversation has come to this model before.
        CAPABILITY: the model decided for cannot do what is asked, such as read images.
        BUDGET: the caller's key has reached its limit, so that the cheapest model answers.
        OBSERVE: the gateway only observes; the decision record says what it would have done.
    """

    BELOW_THRESHOLD = "below_threshold"
    ABOVE_THRESHOLD = "above_threshold"
    GATE_PASSED = "gate_passed"
    GATE_CONFIDENCE = "gate_confidence"
    GATE_UNCERTAINTY = "gate_uncertainty"
    NO_MODEL = "no_model"
    NOTHING_TO_SCORE = "nothing_to_score"
    EMPTY_PROMPT = "empty_prompt"
    UNFAMILIAR_INPUT = "unfamiliar_input"
    POLICY_MISMATCH = "policy_mismatch"
    POLICY_STALE = "policy_stale"
    DRIFT_ALARM = "drift_alarm"
    BREAKER_LIGHT_OPEN = "breaker_light_open"
    BREAKER_POWERFUL_OPEN = "breaker_powerful_open"
    BOTH_BREAKERS_OPEN = "both_breakers_open"
    FORCED = "forced"
    STICKY = "sticky"
    CAPABILITY = "capability"
    BUDGET = "budget"
    OBSERVE = "observe"


DOUBTS: Final = frozenset(
    (Reason.NO_MODEL, Reason.NOTHING_TO_SCORE, Reason.EMPTY_PROMPT, Reason.UNFAMILIAR_INPUT)
)
"""Reasons for the powerful model whatever the policy."""
