"""What calibration prompts say about a probability: conformal p-values and an interval."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import sub
from typing import Final, Self

from ..model import Bundle
from ..model.spec import ANSWERS_WELL, INTERVAL_SCALE

WORKS: Final = "works"
FAILS: Final = "fails"
MIN_ROWS: Final = 30
"""With fewer calibration prompts there is no interval."""


class Calibration:
    """The calibration prompts of a bundle, arranged for look-up.

    Args:
        rows: p of each prompt and whether light answered it well, in any order. p is the
            probability that its head gave.
        bounds: row k holds lower and upper bound of the success rate when k of the
            len(bounds) - 1 nearest prompts succeeded.
    """

    def __init__(
        self, rows: Iterable[tuple[float, bool]], bounds: Sequence[tuple[float, float]]
    ) -> None:
        """Sort once; a look-up is a bisection."""
        ordered = sorted(rows)
        self._p = array("d", (p for p, _ in ordered))
        self._working = array("d", (p for p, works in ordered if works))
        self._failed = array("d", (p for p, works in ordered if not works))
        self._window = len(bounds) - 1
        successes = list(accumulate((int(works) for _, works in ordered), initial=0))
        counts = list(map(sub, successes[self._window :], successes))
        self._counts = counts if len(ordered) >= MIN_ROWS else []
        self._low, self._high = _widen(counts, bounds) if self._counts else ((), ())

    @classmethod
    def of(cls, bundle: Bundle) -> Self:
        """The calibration rows of a bundle; "works" is about its cheapest model."""
        light = bundle.tensors["calibration.quality"][:: bundle.sizes["M"]]
        return cls._read(bundle, "calibration", (q >= ANSWERS_WELL for q in light))

    @classmethod
    def of_candidates(cls, bundle: Bundle) -> Self:
        """The same of its candidates; "works" means that the candidate served well."""
        works = map(bool, bundle.tensors["candidate.calibration.works"])
        return cls._read(bundle, "candidate.calibration", works)

    @classmethod
    def _read(cls, bundle: Bundle, group: str, works: Iterable[bool]) -> Self:
        bounds = bundle.tensors[f"{group}.interval"]
        return cls(
            zip(bundle.tensors[f"{group}.confidence"], works, strict=True),
            [
                (low / INTERVAL_SCALE, high / INTERVAL_SCALE)
                for low, high in zip(bounds[::2], bounds[1::2], strict=True)
            ],
        )

    def uncertainty(self, p: float) -> float:
        """Mondrian conformal p-value of "light fails", in (0, 1].

        (1 + number of failed prompts with at least this p) / (1 + number of failed ones).
        Among prompts on which light fails, at most a share u gets an uncertainty <= u, up to
        exchangeability (Vovk, Gammerman & Shafer 2005, section 4.5).
        """
        n = len(self._failed)
        return (1 + n - bisect_left(self._failed, p)) / (1 + n)

    def p_works(self, p: float) -> float:
        """The same for "light works": at most this p, among the working ones."""
        return (1 + bisect_right(self._working, p)) / (1 + len(self._working))

    def prediction_set(self, p: float, level: float) -> tuple[str, ...]:
        """The labels whose p-value exceeds 1 - level; two of them mean "unsure"."""
        alpha = 1.0 - level
        works = (WORKS,) if self.p_works(p) > alpha else ()
        fails = (FAILS,) if self.uncertainty(p) > alpha else ()
        return works + fails

    def interval(self, p: float) -> tuple[float, float] | None:
        """About 90 %: Clopper-Pearson over the prompts nearest in rank of p, monotone in p.

        Half of them below and half above; at an end the outermost ones; None with fewer than
        `MIN_ROWS` prompts. Both bounds rise with p: where neighbours say otherwise, the interval
        is widened.
        """
        if not self._low:
            return None
        start = self._find_window(p)
        return self._low[start], self._high[start]

    def count_neighbours(self, p: float) -> tuple[int, int] | None:
        """How many prompts the interval is made of, and on how many of them it works."""
        return (self._window, self._counts[self._find_window(p)]) if self._counts else None

    def _find_window(self, p: float) -> int:
        start = bisect_left(self._p, p) - self._window // 2
        return max(0, min(start, len(self._counts) - 1))

    def confidence(self, p: float) -> float:
        """P clamped into `interval`: rises with p, and never contradicts the interval."""
        found = self.interval(p)
        return p if found is None else max(found[0], min(p, found[1]))


def _widen(
    counts: Sequence[int], bounds: Sequence[tuple[float, float]]
) -> tuple[Sequence[float], Sequence[float]]:
    """Lower and upper bound for each window of neighbours, from the lowest ranks upwards.

    A lower bound is the least of its own and all later ones, an upper bound the greatest of its
    own and all earlier ones.
    """
    low = list(accumulate((bounds[k][0] for k in reversed(counts)), min))
    high = list(accumulate((bounds[k][1] for k in counts), max))
    return low[::-1], high
