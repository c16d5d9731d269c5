"""The chance of candidates: requests of several sizes, some of which no candidate fits.

What a request shows of one candidate is read against what it shows of the others (`chances` of the
twin, in float64 here). Two numbers of the head, a factor and a shift of its logit, make e^logit the
likelihood ratio of a candidate that fits; they are fitted on requests as they are assumed to be.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from ..calibration.probability import calibration_error
from ..scoring.twin.ranking import NONE_FITS
from .candidate_stream import Prompts, Requests, Stream, requests
from .encoded import Index

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SIZES = (2, 5, 8, 26)
"""Candidates of a request; 27 subjects are held out, and one request in ten lacks its own."""

THRESHOLD = 0.5
"""Confidence from which a candidate counts as light: more likely than not, it is the one."""


@dataclass(frozen=True)
class Trial:
    """R requests with n candidates each, and which of them fits; none does in some."""

    asked: Requests
    fits: Mask
    """[R, n] at most one a row: the specialist of the prompt's subject."""


def trial(
    prompts: Prompts,
    found: Stream,
    rows: Index,
    subjects: Index,
    size: int,
    rng: np.random.Generator,
) -> Trial:
    """Return a request a row, each without its own specialist with the chance of `NONE_FITS`.

    Of `size` candidates, fewer where there are not as many subjects beside its own.
    """
    size = min(size, len(subjects) - 1)
    wide = requests(prompts, found, rows, subjects, size + 1, rng)
    lacks = rng.random(len(rows)) < NONE_FITS
    columns = np.arange(size) + lacks[:, None]
    at = (np.arange(len(rows))[:, None], columns)
    live = wide.live[at]
    fits = np.zeros(live.shape, bool)
    fits[:, 0] = ~lacks & live[:, 0]
    return Trial(replace(wide, features=wide.features[at], live=live), fits)


def chances(logits: Array, live: Mask) -> Array:
    """Return P(it is the one that fits) [R, n]; 0 where a candidate is not there."""
    odds = np.where(live, np.exp(np.clip(logits, -20, 20)), 0)
    count = np.maximum(live.sum(1, keepdims=True), 1)
    prior = (1 - NONE_FITS) / count
    return prior * odds / (NONE_FITS + prior * odds.sum(1, keepdims=True))


def alone(logits: Array, live: Mask) -> Array:
    """Return the same without the others' logits: each against the prior that it does not fit."""
    odds = np.where(live, np.exp(np.clip(logits, -20, 20)), 0)
    prior = (1 - NONE_FITS) / np.maximum(live.sum(1, keepdims=True), 1)
    return prior * odds / (1 - prior + prior * odds)


def fitted(trials: Sequence[tuple[Trial, Array]]) -> tuple[float, float]:
    """Return (factor, shift) of the logits with the least log-loss of which candidate fits.

    Every trial counts alike, however many candidates its requests have.
    """

    def loss(v: Array) -> float:
        total = 0.0
        for one, logits in trials:
            p = chances(v[0] * logits + v[1], one.asked.live)
            right = np.where(one.fits.any(1), p[:, 0], 1 - p.sum(1))
            total -= float(np.log(np.maximum(right, 1e-12)).mean())
        return total / len(trials)

    found = minimize(loss, np.array([1.0, 2.0]), method="Nelder-Mead", options={"xatol": 1e-4})
    return float(found.x[0]), float(found.x[1])


def reliability(p: Array, one: Trial) -> dict[str, float]:
    """Return how well the chances [R, n] are meant: of all candidates, and of each best one."""
    live, row = one.asked.live, np.arange(len(p))
    best = np.argmax(np.where(live, p, -1), 1)
    top, right = p[row, best], one.fits[row, best]
    above = top >= THRESHOLD
    return {
        "requests": len(p),
        "ece": calibration_error(p[live], one.fits[live]),
        "best_mean": float(top.mean()),
        "best_right": float(right.mean()),
        "best_ece": calibration_error(top, right),
        "above": float(above.mean()),
        "above_right": float(right[above].mean()) if above.any() else 0.0,
    }


def mean_of(parts: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Return the plain mean of each figure over seeds; the requests are summed."""
    names: Callable[[str], float] = lambda name: float(np.mean([part[name] for part in parts]))  # noqa: E731
    out = {name: names(name) for name in parts[0]}
    return out | {"requests": int(sum(part["requests"] for part in parts))}
