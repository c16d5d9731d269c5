"""Calibration of heads, folded into their weights (Platt 1999, with two cues of the format)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from ..model.spec import CUES

Floats = npt.NDArray[np.float32]

FORMAT_CUES = (2, 3)
"""Line breaks and answer options: what sets an exam question apart from the same one in a chat."""
CAPITALS = 8
"""The share of capitals: small in any text of some length, and a half in "Hi"."""
_RIDGE = 1e-3


@dataclass(frozen=True)
class Calibrator:
    """logit' = scale · logit + Σ weight · format cue + shift, one column a model."""

    scale: npt.NDArray[np.float64]
    """[M]"""
    weights: npt.NDArray[np.float64]
    """[2, M] of `FORMAT_CUES`."""
    shift: npt.NDArray[np.float64]
    """[M]"""

    def folded(self, heads: Floats, bias: Floats) -> tuple[Floats, Floats]:
        """Return heads [K, M] and bias [M] whose logits are the calibrated ones."""
        out = heads * self.scale
        first = len(heads) - CUES
        for k, cue in enumerate(FORMAT_CUES):
            out[first + cue] += self.weights[k]
        return out.astype(np.float32), (bias * self.scale + self.shift).astype(np.float32)


def calibrator(logits: npt.NDArray[np.float64], cues: Floats, right: Floats) -> Calibrator:
    """Return the calibration that minimises the log-loss on rows [N] the heads have not seen.

    `logits` [N, M], `cues` [N, 16]. With every prompt given in both its forms, with and without
    options, the format's weights take off what the heads made of the form alone.
    """
    formats = cues[:, list(FORMAT_CUES)].astype(np.float64)
    found = []
    for m in range(logits.shape[1]):
        inputs = np.column_stack([logits[:, m], formats, np.ones(len(logits))])
        y = right[:, m].astype(np.float64)

        def loss(
            w: npt.NDArray[np.float64],
            x: npt.NDArray[np.float64] = inputs,
            y: npt.NDArray[np.float64] = y,
        ) -> tuple[float, npt.NDArray[np.float64]]:
            z = x @ w
            p = 1 / (1 + np.exp(-z))
            ridge = np.array([0, *w[1:-1], 0])
            value = float((np.logaddexp(0, z) - y * z).mean() + _RIDGE * (ridge**2).sum())
            return value, x.T @ (p - y) / len(y) + 2 * _RIDGE * ridge

        found.append(minimize(loss, np.array([1.0, 0.0, 0.0, 0.0]), jac=True, method="BFGS").x)
    columns = np.array(found).T
    return Calibrator(columns[0], columns[1:-1], columns[-1])


def without_capitals(heads: Floats, bias: Floats, mean: float) -> tuple[Floats, Floats]:
    """Return heads and bias that take the share of capitals for its mean, whatever it is.

    Exams made it a sign of what is hard; it would send "Hi", "OK" and all that is shouted to the
    powerful model.
    """
    out = heads.copy()
    row = len(heads) - CUES + CAPITALS
    out[row] = 0
    return out, (bias + np.float32(mean) * heads[row]).astype(np.float32)


def routing_score(p: npt.NDArray[np.float64], lam: float) -> npt.NDArray[np.float64]:
    """Return the score of the cheapest model [N] from p [N, M] (ARCHITECTURE: s_0)."""
    light, best = p[:, 0], p[:, 1:].max(1)
    return np.asarray(lam * (best - light) + (1 - lam) * (1 - light))
