"""From numbers to a choice. Pure: no clock, no I/O, no libm."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..response import Reason
from .policy import Policy


@dataclass(frozen=True, slots=True)
class Gate:
    """The classic gate: light iff confident and certain enough; an unset bound does not bind."""

    confidence: float | None = None
    uncertainty: float | None = None


def by_policy(scores: Sequence[float], policy: Policy) -> tuple[int, Reason]:
    """Index of the cheapest model whose routing score is at most the threshold, else the last."""
    threshold = policy.threshold
    last = len(scores) - 1
    for m in range(last):
        if scores[m] <= threshold:
            return m, Reason.BELOW_THRESHOLD
    return last, Reason.ABOVE_THRESHOLD


def by_gate(
    confidence: float, uncertainty: float | None, gate: Gate, last: int
) -> tuple[int, Reason]:
    """0 (light) where both bounds hold, else `last`; None for uncertainty counts as not certain."""
    if gate.confidence is not None and confidence < gate.confidence:
        return last, Reason.GATE_CONFIDENCE
    if gate.uncertainty is not None and (uncertainty is None or uncertainty > gate.uncertainty):
        return last, Reason.GATE_UNCERTAINTY
    return 0, Reason.GATE_PASSED
