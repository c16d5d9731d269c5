"""Targets as margins: numbers whose expectation is at least zero exactly where a target holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InvalidInputError, PolicyError
from ..policy import Target
from .paired_outcome import PairedOutcome
from .tensors import WELL


@dataclass(frozen=True, slots=True)
class Margins:
    """What each choice does to a target, for N outcomes of M models.

    Attributes:
        rows: N rows of M margins, one for each model that could be chosen.
        floor: no margin is below minus this.
        clean: margin of a prompt on which the choice loses nothing.
        counted: N rows of M: 1 where a prompt counts into a rate; () where the target is no rate.
        loss: N rows of M losses in [0, 1] of a rate; () likewise. margin = target · counted − loss.
    """

    rows: Sequence[tuple[float, ...]]
    floor: float
    clean: float
    counted: Sequence[tuple[int, ...]] = ()
    loss: Sequence[tuple[float, ...]] = ()


def margins_of(
    target: Target, outcomes: Sequence[PairedOutcome], largest_cost: float | None = None
) -> Margins:
    """The margins of a target.

    Args:
        target: what is to hold.
        outcomes: all of the same number of models.
        largest_cost: money that one answer costs at most, by token limits; for `cost` alone.

    Raises:
        InvalidInputError: an outcome lacks what the target needs.
        PolicyError: the target is not defined for these outcomes.
    """
    if target.measure == "quality_kept":
        return _quality(target.value, outcomes)
    if target.measure == "cost":
        return _cost(target.value / 1000, outcomes, largest_cost)
    return _rate(target, outcomes)


def _quality(kept: float, outcomes: Sequence[PairedOutcome]) -> Margins:
    """E[routed − kept · powerful] ≥ 0 says that `kept` of the powerful model's quality is kept."""
    rows: list[tuple[float, ...]] = []
    powerful = []
    for o in outcomes:
        if o.quality is None:
            rows.append((*(-kept for _ in o.scores), 0.0))
        else:
            rows.append(tuple(q - kept * o.quality[-1] for q in o.quality))
            powerful.append(o.quality[-1])
    mean = sum(powerful) / len(powerful) if powerful else 1.0
    return Margins(rows, kept, (1 - kept) * mean)


def _cost(budget: float, outcomes: Sequence[PairedOutcome], largest: float | None) -> Margins:
    """E[budget − cost of the choice] ≥ 0; a cost is known to be at most `largest`."""
    if largest is None:
        raise InvalidInputError("largest_cost: what one answer costs at most is needed for a cost")
    for at, o in enumerate(outcomes):
        if not o.cost:
            raise InvalidInputError(f"outcome {at}: the cost of every model is needed")
        if max(o.cost) > largest:
            raise InvalidInputError(
                f"outcome {at}: a cost of {max(o.cost):g}, largest_cost is {largest:g}"
            )
    rows = [tuple(budget - c for c in o.cost) for o in outcomes]
    cheapest = sum(o.cost[0] for o in outcomes) / len(outcomes) if outcomes else 0.0
    return Margins(rows, max(largest - budget, 1e-12), budget - cheapest)


def _rate(target: Target, outcomes: Sequence[PairedOutcome]) -> Margins:
    name, alpha = target.measure, target.value
    if name == "missed_failures" and outcomes and len(outcomes[0].scores) > 1:
        raise PolicyError("missed_failures: defined for two models, light and powerful")
    counted: list[tuple[int, ...]] = []
    losses: list[tuple[float, ...]] = []
    for o in outcomes:
        quality = o.quality or (*(0.0 for _ in o.scores), 1.0)
        fails = [float(q < WELL) for q in quality[:-1]]
        if name == "regret":
            losses.append((*(max(0.0, quality[-1] - q) for q in quality[:-1]), 0.0))
        else:
            losses.append((*fails, 0.0))
        if name == "selective":
            counted.append((*(1 for _ in fails), 0))
        elif name == "missed_failures":
            failed = int(fails[0])
            counted.append((failed, failed if o.quality is not None else 0))
        else:
            counted.append((1,) * len(quality))
    rows = [
        tuple(alpha * c - x for c, x in zip(count, loss, strict=True))
        for count, loss in zip(counted, losses, strict=True)
    ]
    return Margins(rows, 1 - alpha, alpha, counted, losses)
