"""Learn-then-Test along a threshold: fixed-sequence testing (Angelopoulos et al. 2021).

The sequence is every threshold, in order, from the safe end on: from "all to the powerful model"
upwards, or for a cost from "all to the cheapest" downwards. It is fixed before any label is seen,
and stops at the first threshold at which the target is not shown to hold, so that no false
threshold is accepted but with probability delta (arXiv 2110.01052, section 2). Between two scores
of the sample nothing changes, so only the sample's scores are visited.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeAlias

from .bound import Bound

Event: TypeAlias = tuple[float, int, int, int]
"""From this threshold on, prompt i goes to the model `new` instead of `old`."""

LOWEST: Final = -2.0
"""Threshold at which everything goes to the powerful model."""

LEAST_SHARE: Final = 0.05
"""Where nothing is certified, the outcomes missing are told for this share of light."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """How far a sequence went.

    Attributes:
        reached: the last score of the sample that was accepted; None where none was.
        refused: the next one, at which it stopped; None where the sequence came to its end.
        bound: as it stands where the sequence stopped; where nothing was accepted upwards, at
            `LEAST_SHARE` of the choices changed.
    """

    reached: float | None
    refused: float | None
    bound: Bound


def events_of(scores: Sequence[Sequence[float]]) -> list[Event]:
    """Every change of a choice as the threshold rises, for N rows of M − 1 routing scores.

    The choice is the cheapest model whose score is at most the threshold, else the last.
    """
    found = []
    for i, row in enumerate(scores):
        choice = len(row)
        steps = [(s, m) for m, s in enumerate(row)]
        for score, m in sorted(steps) if choice > 1 else steps:
            if m < choice:
                found.append((score, i, choice, m))
                choice = m
    found.sort()
    return found


def choose_at(scores: Sequence[Sequence[float]], threshold: float) -> list[int]:
    """The choice for each row at a threshold."""
    return [next((m for m, s in enumerate(row) if s <= threshold), len(row)) for row in scores]


def accept_upwards(
    scores: Sequence[Sequence[float]],
    start: float,
    open_at: Callable[[Sequence[int]], Bound],
) -> Accepted:
    """Test every threshold from `start` upwards.

    Args:
        scores: N rows of M − 1 routing scores.
        start: where the sequence begins, fixed without the labels; `LOWEST` is the powerful
            model alone, which needs no test.
        open_at: gives the bound at first choices.
    """
    bound = open_at(choose_at(scores, start))
    if start > LOWEST and not bound.holds():
        return Accepted(None, start, bound)
    reached = start if start > LOWEST else None
    events = [event for event in events_of(scores) if event[0] > start]
    for at, (score, i, old, new) in enumerate(events, 1):
        bound.change(i, old, new)
        if at < len(events) and events[at][0] == score:
            continue
        if not bound.holds():
            if reached is None:
                _go_on(bound, events[at:], ceil(LEAST_SHARE * len(scores)) - at)
            return Accepted(reached, score, bound)
        reached = score
    return Accepted(reached, None, bound)


def _go_on(bound: Bound, events: Sequence[Event], many: int) -> None:
    """Change further choices, so that the bound tells what a policy worth having would miss."""
    for _, i, old, new in events[: max(0, many)]:
        bound.change(i, old, new)


def accept_downwards(
    scores: Sequence[Sequence[float]], open_at: Callable[[Sequence[int]], Bound]
) -> Accepted:
    """Test every threshold from "all to the cheapest" downwards."""
    events = events_of(scores)
    bound = open_at([0] * len(scores))
    reached: float | None = None
    for at in range(len(events) - 1, -1, -1):
        score, i, old, new = events[at]
        if (at + 1 == len(events) or events[at + 1][0] > score) and not bound.holds():
            return Accepted(reached, score, bound)
        reached = score
        bound.change(i, new, old)
    if events and bound.holds():
        reached = LOWEST
    return Accepted(reached, None, bound)
