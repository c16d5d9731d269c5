"""Bets that the certified target no longer holds, on graded outcomes of distinct prompts."""

from typing import Final

from ..calibration.margin import margins_of
from ..calibration.paired_outcome import PairedOutcome
from ..errors import InvalidInputError
from ..policy import Target

FRACTIONS: Final = (0.8, 0.4, 0.2, 0.1, 0.05)
"""Of the stake at which the best margin would take all."""


def gains_of(outcome: PairedOutcome, target: Target, threshold: float) -> list[float] | None:
    """By what an outcome multiplies each bet; None where it says nothing of the target.

    The margin of what the policy does with the prompt is on average at least 0 while the target
    holds, so 1 − f · margin / (largest margin) is on average at most 1.
    """
    if outcome.quality is None:
        return None  # a judge that fails is not a model that got worse
    try:
        margins = margins_of(target, [outcome], largest_cost=float("inf"))
    except InvalidInputError:
        return None  # a cost that is not known
    (row,) = margins.rows
    choice = next((m for m, s in enumerate(outcome.scores) if s <= threshold), len(outcome.scores))
    if margins.counted and target.measure in ("selective", "missed_failures"):
        (counted,) = margins.counted
        if not counted[choice]:
            return None
    largest = {"quality_kept": 1.0, "cost": target.value / 1000}.get(target.measure, target.value)
    return [1 - f * row[choice] / largest if largest > 0 else 1.0 for f in FRACTIONS]
