"""How good probabilities are: calibration error, area under the ROC curve, log-loss."""

import numpy as np
import numpy.typing as npt


def calibration_error(p: npt.ArrayLike, right: npt.ArrayLike, bins: int = 15) -> float:
    """Expected calibration error over bins of equal width: mean |share right − mean p|."""
    prob, y = np.asarray(p, np.float64), np.asarray(right, np.float64)
    index = np.minimum((prob * bins).astype(int), bins - 1)
    gap = np.bincount(index, weights=y - prob, minlength=bins)
    return float(np.abs(gap).sum() / len(prob))


def auc(score: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """Probability that a positive scores above a negative, ties counted half; NaN if one class."""
    s, y = np.asarray(score, np.float64), np.asarray(positive, bool)
    n, m = int(y.sum()), int((~y).sum())
    if not n or not m:
        return float("nan")
    _, group, count = np.unique(s, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - (count - 1) / 2)[group]
    return float((rank[y].sum() - n * (n + 1) / 2) / (n * m))


def log_loss(p: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """Mean negative log-likelihood in nats, probabilities kept 1e-7 away from 0 and 1."""
    prob = np.clip(np.asarray(p, np.float64), 1e-7, 1 - 1e-7)
    y = np.asarray(right, np.float64)
    return float(-(y * np.log(prob) + (1 - y) * np.log(1 - prob)).mean())
