"""Intervals by betting: they hold for any number of prompts and however often one looks.

Each end is where the bet of `calibration/betting.py` would refuse the value beyond it. They are
wider than those of the normal distribution, and do not shrink to nothing where no prompt was lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Final

from ..calibration.betting import Capital

LEVEL: Final = 0.95
_HALVINGS: Final = 24


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the two ends of its interval, at 95 %."""

    estimate: float
    low: float
    high: float

    def cap(self) -> "Interval":
        """The same for a share that a person reads: no end beyond 100 %, but for an estimate."""
        return Interval(self.estimate, self.low, max(self.estimate, min(1.0, self.high)))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form, four decimals."""
        ends = [round(self.low, 4), round(self.high, 4)]
        return {"estimate": round(self.estimate, 4), "interval": ends}


def bound_mean(values: Sequence[float], low: float = 0.0, high: float = 1.0) -> Interval | None:
    """The mean of values in [low, high]; None where there is none."""
    if not values:
        return None
    mean, width = sum(values) / len(values), high - low
    scaled = [(value - low) / width for value in values]

    def exceeds(t: float) -> bool:
        return _refuses([v - t for v in scaled], t)

    def stays_below(t: float) -> bool:
        return _refuses([t - v for v in scaled], 1 - t)

    at = (mean - low) / width
    return Interval(
        mean,
        low + width * _find_end(exceeds, at, 0.0),
        low + width * _find_end(stays_below, at, 1.0),
    )


def bound_ratio(tops: Sequence[float], bottoms: Sequence[float]) -> Interval | None:
    """The mean of one quality over that of another, both in [0, 1]; None where that is 0."""
    total = sum(bottoms)
    if not total:
        return None
    rows = list(zip(tops, bottoms, strict=True))
    ratio = sum(tops) / total

    def exceeds(t: float) -> bool:
        return _refuses([top - t * bottom for top, bottom in rows], t)

    def stays_below(t: float) -> bool:
        return _refuses([t * bottom - top for top, bottom in rows], 1.0)

    most = max(2.0, 2.0 * ratio)
    return Interval(ratio, _find_end(exceeds, ratio, 0.0), _find_end(stays_below, ratio, most))


def _refuses(margins: Sequence[float], floor: float) -> bool:
    """True where "the mean margin is at most 0" can be refused on one of the two sides."""
    return Capital(max(floor, 1e-9), margins).log >= log(2 / (1 - LEVEL))


def _find_end(holds: Callable[[float], bool], inside: float, end: float) -> float:
    """The value next to `inside` that the bet refuses, between it and the end of the range."""
    if not holds(end):
        return end
    near, far = inside, end
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        if holds(middle):
            far = middle
        else:
            near = middle
    return far
