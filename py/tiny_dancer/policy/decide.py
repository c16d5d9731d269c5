"""From numbers to a choice. Pure: no clock, no I/O, no libm."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ..response import Numbers, Reason, TextNumbers
from .preference import prefer
from .rule import Gate, Rule

_new: Final = tuple.__new__
"""Makes a named tuple in half the time."""


class Choice(NamedTuple):
    """Name of the model that takes a request, and why."""

    model: str
    reason: Reason


def decide(numbers: Numbers, rule: Rule | None, healthy: Sequence[bool] | None = None) -> Choice:
    """The model that takes a request: the powerful one whenever there is doubt.

    A text decides by its scores, a request without one by its best candidate. Then a model that
    is not healthy hands over to the next one that is, dearer ones first.

    Args:
        numbers: of the request.
        rule: what they are compared with; None where there is no bundle.
        healthy: by model, False while its breaker is open, or half-open without a lease; None
            where all are.
    """
    models, text = numbers.models, numbers.text_score
    if rule is None:
        choice, reason = len(models) - 1, Reason.NO_MODEL
    elif text is not None:
        choice, reason = _choose_by_text(numbers, text, rule)
    else:
        choice, reason = _choose_by_candidate(numbers, rule, len(models) - 1)
    if healthy is not None and not healthy[choice]:
        choice, reason = _replace(choice, healthy)
    return _new(Choice, (models[choice], reason))


def reject_candidate(confidence: float, uncertainty: float | None, rule: Rule) -> Reason | None:
    """The reason why a candidate is not good enough; None where it is.

    Args:
        confidence: probability that it serves the request well.
        uncertainty: p-value of "it does not"; None counts as not certain.
        rule: its gate where it has one, else the bundle's threshold for candidates.
    """
    least = 1.0 if rule.candidate_threshold is None else rule.candidate_threshold
    gate = rule.gate
    if gate is None:
        return Reason.ABOVE_THRESHOLD if confidence < least else None
    if gate.confidence is None:
        gate = Gate(least, gate.uncertainty)
    return _reject(confidence, uncertainty, gate)


def _choose_by_text(numbers: Numbers, text: TextNumbers, rule: Rule) -> tuple[int, Reason]:
    scores, n_seen = text.scores, text.n_seen
    last = len(scores) - 1
    base, slope = rule.unfamiliar
    if n_seen == 0:
        return last, Reason.EMPTY_PROMPT
    if text.surprisal > base + slope * n_seen:
        return last, Reason.UNFAMILIAR_INPUT
    if rule.gate is not None:
        missed = _reject(numbers.confidence, numbers.uncertainty, rule.gate)
        return (0, Reason.GATE_PASSED) if missed is None else (last, missed)
    if rule.doubt is not None:
        return last, rule.doubt
    threshold, m = rule.policy.threshold, 0
    while m < last and scores[m] > threshold:
        m += 1
    return m, Reason.BELOW_THRESHOLD if m < last else Reason.ABOVE_THRESHOLD


def _choose_by_candidate(numbers: Numbers, rule: Rule, last: int) -> tuple[int, Reason]:
    confidence = numbers.confidence
    if rule.candidate_threshold is None:
        return last, Reason.NO_MODEL
    if confidence is None:
        return last, Reason.NOTHING_TO_SCORE
    if rule.gate is None:
        if confidence < rule.candidate_threshold:
            return last, Reason.ABOVE_THRESHOLD
        return 0, Reason.BELOW_THRESHOLD
    missed = reject_candidate(confidence, numbers.uncertainty, rule)
    return (0, Reason.GATE_PASSED) if missed is None else (last, missed)


def _reject(confidence: float | None, uncertainty: float | None, gate: Gate) -> Reason | None:
    if gate.confidence is not None and (confidence is None or confidence < gate.confidence):
        return Reason.GATE_CONFIDENCE
    if gate.uncertainty is not None and (uncertainty is None or uncertainty > gate.uncertainty):
        return Reason.GATE_UNCERTAINTY
    return None


def _replace(choice: int, healthy: Sequence[bool]) -> tuple[int, Reason]:
    """The next best healthy model; the choice itself where there is none."""
    is_last = choice == len(healthy) - 1
    for m in prefer(choice, len(healthy)):
        if healthy[m]:
            return m, Reason.BREAKER_POWERFUL_OPEN if is_last else Reason.BREAKER_LIGHT_OPEN
    return choice, Reason.BOTH_BREAKERS_OPEN
