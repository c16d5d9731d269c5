"""From kept scores to the figures of a part: routers side by side, intervals, reliability."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ...adapt.stem import stem
from ...calibration.curve import measure
from ...calibration.probability import auc, calibration_error
from ...train.encoded import Index
from ...train.heads import Floats, routing_score
from ...train.labels import LabelledPrompts
from ..baselines import gain
from .bootstrap import Array, interval, resamples
from .parts import BASELINES, OURS, OURS_INT8, Scores

RANDOM_ORDERS = 100
RESAMPLES = 300
Figures = dict[str, Any]
Routers = dict[str, tuple[Array | None, Array]]
"""Name → (p [n, M] where the router has them, routing score [n])."""


def pooled(found: Sequence[Scores], lam: float | None = None) -> tuple[Index, Routers]:
    """Return the test rows of several runs, and each router's (p [n, M] or None, score [n]).

    The network's score has the λ given, or each run's own.
    """
    rows = np.concatenate([f["rows"] for f in found]).astype(np.int64)
    routers: Routers = {}
    for name in (*BASELINES, OURS, OURS_INT8):
        if name not in found[0]:
            continue
        p = np.concatenate([f[name] for f in found])
        if name in BASELINES:
            routers[name] = (p, gain(p))
        else:
            own = [
                routing_score(f[name], float(f["lambda"]) if lam is None else lam) for f in found
            ]
            routers[name] = (p, np.concatenate(own))
    return rows, routers


def with_simple(data: LabelledPrompts, routers: Routers, seed: int = 0) -> Routers:
    """Return the routers with random order and length in front."""
    order = np.random.default_rng(seed).random(len(data))
    length = np.array([len(p) for p in data.prompts], np.float64)
    return {"random": (None, order), "length": (None, length), **routers}


def compared(data: LabelledPrompts, routers: Routers, count: int = RESAMPLES) -> Figures:
    """Return every router's figures with 95 % intervals of APGR, light@95 and of APGR − TF-IDF's.

    `data` are the rows scored; the random router's figures are means over many orders.
    """
    light, strong = data.quality[:, 0], data.quality[:, -1]
    rows = resamples([stem(p) for p in data.prompts], count)
    drawn: dict[str, Array] = {}
    out: Figures = {}
    for name, (p, score) in routers.items():
        if name == "random":
            out[name] = _random(light, strong)
            continue
        found = asdict(measure(score, light, strong))
        drawn[name], kept = _resampled(score, light, strong, rows)
        found |= {"apgr_95": interval(drawn[name]), "light95_95": interval(kept)}
        if "TF-IDF + LR" in drawn and name.startswith(OURS):
            found["apgr_above_tfidf_95"] = interval(drawn[name] - drawn["TF-IDF + LR"])
        if p is not None:
            right = data.right
            found |= {
                "ece_light": calibration_error(p[:, 0], right[:, 0]),
                "ece_powerful": calibration_error(p[:, -1], right[:, -1]),
                "auc_light": auc(p[:, 0], right[:, 0]),
            }
        out[name] = found
    return out


def _resampled(
    score: Array, light: Floats, strong: Floats, rows: Sequence[Index]
) -> tuple[Array, Array]:
    """Return APGR and light@95 of every resample; NaN where both models are equally good."""
    found = []
    for r in rows:
        try:
            figures = measure(score[r], light[r], strong[r])
        except ValueError:
            continue
        found.append((figures.apgr, figures.light95))
    apgrs, kept = np.array(found).T
    return apgrs, kept


def _random(light: Floats, strong: Floats) -> Figures:
    rng = np.random.default_rng(0)
    every = [
        asdict(measure(rng.random(np.size(light)), light, strong)) for _ in range(RANDOM_ORDERS)
    ]
    means = {key: float(np.mean([e[key] for e in every])) for key in every[0]}
    return means | {"apgr_deviation": float(np.std([e["apgr"] for e in every]))}


def profile(score: Array, data: LabelledPrompts) -> Figures:
    """Return the APGR of the score, of its subjects' means alone, and of what it adds to them."""
    light, strong = data.quality[:, 0], data.quality[:, -1]
    _, subject = np.unique(np.array(data.subjects), return_inverse=True)
    mean = np.bincount(subject, weights=score) / np.bincount(subject)
    return {
        "whole": measure(score, light, strong).apgr,
        "between": measure(mean[subject], light, strong).apgr,
        "within": measure(score - mean[subject], light, strong).apgr,
    }
