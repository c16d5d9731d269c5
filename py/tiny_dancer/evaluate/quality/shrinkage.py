"""What sources left out say about a threshold together: each shrunk towards their mean.

A source of few rows misses 95 % of quality by chance; the worst of many would send everything to
the powerful model, and a plain pool is mostly the largest source. The kept quality of a source is
taken as drawn about a mean with a spread between sources (DerSimonian & Laird 1986), and its own
estimate is drawn towards that mean by how noisy it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shrunk:
    """Estimates of several sources under one threshold."""

    mean: float
    spread: float
    """Standard deviation between sources, without the noise of each."""
    each: Array
    """[S] estimates, shrunk towards the mean."""

    @property
    def range(self) -> tuple[float, float]:
        """Where nine of ten further sources should lie, were they like these."""
        return self.mean - 1.645 * self.spread, self.mean + 1.645 * self.spread


@dataclass(frozen=True)
class Kept:
    """What a threshold does on one source."""

    kept: float
    """Quality, as a share of the powerful model's."""
    variance: float
    light: float
    """Share of prompts sent to the light model."""
    static: float
    """Kept by a static mix at the same share."""


def kept_at(score: Array, light: Array, powerful: Array, threshold: float) -> Kept:
    """Return what light iff score ≤ threshold does on a source's rows."""
    chosen = score <= threshold
    routed, best = np.where(chosen, light, powerful), powerful.mean()
    kept, share = float(routed.mean() / best), float(chosen.mean())
    rest = routed - kept * powerful  # linearised: a ratio of two means
    variance = float(rest.var() / len(rest) / best**2)
    static = float((share * light.mean() + (1 - share) * best) / best)
    return Kept(kept, variance, share, static)


def shrink(values: Sequence[float], variances: Sequence[float]) -> Shrunk:
    """Return the random-effects mean of estimates with these sampling variances."""
    y, v = np.array(values), np.maximum(np.array(variances), 1e-8)
    w = 1 / v
    fixed = float((w * y).sum() / w.sum())
    surplus = float((w * (y - fixed) ** 2).sum()) - (len(y) - 1)
    between = max(0.0, surplus / float(w.sum() - (w**2).sum() / w.sum()))
    w = 1 / (v + between)
    mean = float((w * y).sum() / w.sum())
    own = between / (between + v)
    return Shrunk(mean, between**0.5, mean + own * (y - mean))


def largest_threshold(
    scores: Sequence[Array], light: Sequence[Array], powerful: Sequence[Array], kept: float
) -> float:
    """Return the largest threshold up to which the sources' mean keeps this share of quality.

    On a grid of 400 quantiles of all scores; from nothing light upwards, ended by the first miss.
    """
    grid = np.unique(np.quantile(np.concatenate(scores), np.linspace(0, 1, 401)))
    best = float(grid[0]) - 1e-6
    for threshold in grid:
        found = [
            kept_at(s, a, b, threshold) for s, a, b in zip(scores, light, powerful, strict=True)
        ]
        if shrink([f.kept for f in found], [f.variance for f in found]).mean < kept:
            break
        best = float(threshold)
    return best
