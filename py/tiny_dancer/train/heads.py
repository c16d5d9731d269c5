"""Calibration of heads, folded into their weights: logit' = scale · logit + shift (Platt 1999)."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from .network import Floats


def platt(
    logits: npt.NDArray[np.float64], right: Floats, weight: Floats | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return (scale [M], shift [M]) that minimise the log-loss of logits [N, M] of unseen rows."""
    share = np.ones(len(logits)) if weight is None else np.asarray(weight, np.float64)
    share = share / share.sum()
    found = []
    for m in range(logits.shape[1]):
        x, y = logits[:, m], right[:, m].astype(np.float64)

        def loss(
            ab: npt.NDArray[np.float64],
            x: npt.NDArray[np.float64] = x,
            y: npt.NDArray[np.float64] = y,
        ) -> tuple[float, npt.NDArray[np.float64]]:
            z = ab[0] * x + ab[1]
            p = 1 / (1 + np.exp(-z))
            slip = share * (p - y)
            value = float((share * (np.logaddexp(0, z) - y * z)).sum())
            return value, np.array([(slip * x).sum(), slip.sum()])

        found.append(minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS").x)
    scale, shift = np.array(found).T
    return scale, shift


def folded(
    heads: Floats,
    bias: Floats,
    scale: npt.NDArray[np.float64],
    shift: npt.NDArray[np.float64],
) -> tuple[Floats, Floats]:
    """Return heads [K, M] and bias [M] whose logits are the calibrated ones."""
    return (heads * scale).astype(np.float32), (bias * scale + shift).astype(np.float32)


def routing_score(p: npt.NDArray[np.float64], lam: float) -> npt.NDArray[np.float64]:
    """Return the score of the cheapest model [N] from p [N, M] (ARCHITECTURE: s_0)."""
    light, best = p[:, 0], p[:, 1:].max(1)
    return np.asarray(lam * (best - light) + (1 - lam) * (1 - light))
