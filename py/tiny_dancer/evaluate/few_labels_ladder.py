"""The ladder of `adapt` for one head, in numpy: thousands of fits in the time of one.

The fits are those of `adapt.regression`: a logit a · z + b + Σ d_k x_k, x standardised, with the
same priors and steps. The test beside it holds the two against each other.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..adapt.ladder import FOLDS, LEAST, LEAST_HEADS, STRENGTHS, WINS
from ..adapt.regression import CLOSE, HOLDS_SCALE, HOLDS_SHIFT, STEPS

Array = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def climbed(
    p: Array, inputs: npt.NDArray[np.float32], right: Truth, rows: Rows, test: Rows
) -> tuple[int, Array]:
    """Return the rung taken by the labels of `rows` (0, 1 or 2), and P(light) of the test rows."""
    z = _logit(p)
    x = inputs.astype(np.float64)
    mean, deviation = x[rows].mean(0), x[rows].std(0)
    x = np.where(deviation > 1e-6, (x - mean) / np.where(deviation > 1e-6, deviation, 1), 0.0)
    two = np.stack([z, np.ones(len(z))], 1)
    heads = np.concatenate([two, x], 1)
    rung, found, below = 0, p[test], losses(p[rows], right[rows])
    tried: Sequence[tuple[Array, Sequence[float], int]] = (
        (two, (0.0,), LEAST),
        (heads, STRENGTHS, LEAST_HEADS),
    )
    for number, (features, strengths, least) in enumerate(tried, 1):
        if len(rows) < least:
            break
        held = {s: _held_out(features[rows], right[rows], s) for s in strengths}
        lost = {s: losses(q, right[rows]) for s, q in held.items()}
        strength = min(strengths, key=lambda s: float(lost[s].mean()))
        gain = below - lost[strength]
        if gain.mean() > WINS * gain.std(ddof=1) / np.sqrt(len(gain)):
            fitted = fit(features[rows], right[rows], strength)
            rung, found, below = number, _sigmoid(features[test] @ fitted), lost[strength]
    return rung, found


def fit(features: Array, right: Truth, strength: float) -> Array:
    """Return the coefficients (a, b, d) of greatest posterior density, as `Sample.fit` does."""
    size = features.shape[1]
    hold = np.array([HOLDS_SCALE, HOLDS_SHIFT, *[strength] * (size - 2)])
    prior = np.array([1.0, *[0.0] * (size - 1)])
    bound = features.T @ features / 4 + np.diag(hold)
    c = prior.copy()
    for _ in range(STEPS):
        slope = features.T @ (_sigmoid(features @ c) - right) + hold * (c - prior)
        step = np.linalg.solve(bound, slope)
        c -= step
        if abs(step).max() < CLOSE:
            break
    return c


def losses(p: Array, right: Truth) -> Array:
    """Return each outcome's negative log-likelihood, in nats."""
    safe = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(-np.log(np.where(right, safe, 1 - safe)), np.float64)


def _held_out(features: Array, right: Truth, strength: float) -> Array:
    """Return P(light) of each row by a fit to the folds without it."""
    fold = np.arange(len(right)) % FOLDS
    held = np.empty(len(right))
    for k in range(FOLDS):
        c = fit(features[fold != k], right[fold != k], strength)
        held[fold == k] = _sigmoid(features[fold == k] @ c)
    return held


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)), np.float64)


def _logit(p: Array) -> Array:
    safe = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe / (1 - safe)), np.float64)
