"""Intervals by resampling questions: all rows of a stem come or stay together."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Array = npt.NDArray[np.float64]


def resamples(stems: Sequence[str], count: int, seed: int = 0) -> list[npt.NDArray[np.int64]]:
    """Return `count` lists of row numbers, each of as many stems, drawn with replacement."""
    _, number = np.unique(np.array(stems, object), return_inverse=True)
    order = np.argsort(number, kind="stable")
    size = np.bincount(number)
    start = np.cumsum(size) - size
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        drawn = rng.integers(len(size), size=len(size))
        n = size[drawn]
        first = np.repeat(start[drawn] - (np.cumsum(n) - n), n)
        found.append(order[first + np.arange(n.sum())])
    return found


def interval(values: Array, coverage: float = 0.95) -> tuple[float, float]:
    """Return the percentile interval of resampled statistics (Efron 1979)."""
    tail = 100 * (1 - coverage) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def ranked_auc(score: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """Return what `probability.auc` does, by ranks: quick enough for thousands of resamples."""
    y = np.asarray(positive) > 0
    rank = rankdata(np.asarray(score, np.float64))
    n, m = int(y.sum()), int((~y).sum())
    return float((rank[y].sum() - n * (n + 1) / 2) / (n * m)) if n and m else float("nan")


def auc_deviation(found: float, positive: int, negative: int) -> float:
    """Return the standard deviation of an AUC known by its counts alone (Hanley & McNeil 1982)."""
    one, two = found / (2 - found), 2 * found**2 / (1 + found)
    spread = found * (1 - found) + (positive - 1) * (one - found**2)
    return float(np.sqrt((spread + (negative - 1) * (two - found**2)) / (positive * negative)))
