"""What every threshold does to a whole pool, which the samples are drawn from."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ...calibration.paired_outcome import PairedOutcome
from ...policy import Target

FAILS_BELOW = 0.5


class Truth:
    """The rates and the quality kept of a pool, by threshold.

    Args:
        pool: graded outcomes of two models.
    """

    def __init__(self, pool: Sequence[PairedOutcome]) -> None:
        rows = sorted((o.scores[0], *o.quality) for o in pool if o.quality is not None)
        self.scores = [s for s, _, _ in rows]
        n = len(rows)
        failed = list(accumulate((float(q < FAILS_BELOW) for _, q, _ in rows), initial=0.0))
        lost = list(accumulate((max(0.0, p - q) for _, q, p in rows), initial=0.0))
        gain = list(accumulate((q - p for _, q, p in rows), initial=0.0))
        total = sum(p for _, _, p in rows)
        self._values = {
            "quality_kept": [(total + g) / total for g in gain],
            "joint": [f / n for f in failed],
            "regret": [x / n for x in lost],
            "missed_failures": [f / max(failed[-1], 1.0) for f in failed],
            "selective": [f / max(k, 1) for k, f in enumerate(failed)],
        }

    def value(self, measure: str, threshold: float) -> float:
        """Of a quality or rate at a threshold."""
        return self._values[measure][bisect_right(self.scores, threshold)]

    def holds(self, target: Target, threshold: float) -> bool:
        """Whether a target holds at a threshold."""
        found = self.value(target.measure, threshold)
        return found >= target.value if target.measure == "quality_kept" else found <= target.value

    def light_share(self, threshold: float) -> float:
        """Share of the pool that goes light at a threshold."""
        return bisect_right(self.scores, threshold) / len(self.scores)

    def find_highest(self, target: Target) -> float:
        """The highest threshold at which the target holds; -2 where none does."""
        return max((s for s in (-2.0, *self.scores) if self.holds(target, s)), default=-2.0)
