"""What calibration prompts say about a confidence: conformal p-values and an interval."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

WORKS: Final = "works"
FAILS: Final = "fails"
MIN_ROWS: Final = 30
"""With fewer calibration prompts there is no interval."""


class Calibration:
    """The calibration prompts of a bundle, arranged for look-up.

    Args:
        rows: confidence of each prompt and whether light answered it well, in any order.
        bounds: row k holds lower and upper bound of the success rate when k of the
            len(bounds) - 1 nearest prompts succeeded.
    """

    def __init__(
        self, rows: Iterable[tuple[float, bool]], bounds: Sequence[tuple[float, float]]
    ) -> None:
        """Sort once; a look-up is a bisection."""
        ordered = sorted(rows)
        self._confidence = array("d", (confidence for confidence, _ in ordered))
        self._working = array("d", (confidence for confidence, works in ordered if works))
        self._failed = array("d", (confidence for confidence, works in ordered if not works))
        self._successes = array("l", accumulate((int(works) for _, works in ordered), initial=0))
        self._bounds = bounds

    def uncertainty(self, confidence: float) -> float:
        """Mondrian conformal p-value of "light fails", in (0, 1].

        (1 + number of failed prompts with at least this confidence) / (1 + number of failed ones).
        Among prompts on which light fails, at most a share u gets an uncertainty <= u, up to
        exchangeability (Vovk, Gammerman & Shafer 2005, section 4.5).
        """
        n = len(self._failed)
        return (1 + n - bisect_left(self._failed, confidence)) / (1 + n)

    def p_works(self, confidence: float) -> float:
        """The same for "light works": at most this confidence, among the working ones."""
        return (1 + bisect_right(self._working, confidence)) / (1 + len(self._working))

    def prediction_set(self, confidence: float, level: float) -> tuple[str, ...]:
        """The labels whose p-value exceeds 1 - level; two of them mean "unsure"."""
        alpha = 1.0 - level
        works = (WORKS,) if self.p_works(confidence) > alpha else ()
        fails = (FAILS,) if self.uncertainty(confidence) > alpha else ()
        return works + fails

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """About 90 %: Clopper-Pearson over the prompts nearest in confidence rank.

        Half of them below and half above; at an end the outermost ones; None with fewer than
        `MIN_ROWS` prompts.
        """
        n = len(self._confidence)
        if n < MIN_ROWS:
            return None
        window = len(self._bounds) - 1
        start = bisect_left(self._confidence, confidence) - window // 2
        start = max(0, min(start, n - window))
        return self._bounds[self._successes[start + window] - self._successes[start]]
