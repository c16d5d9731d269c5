"""Figures of sources left out in groups: AUC, quality kept beside the static mix, calibration."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...adapt.stem import stem
from ...calibration.probability import auc, calibration_error
from ...train.encoded import Index
from ...train.heads import routing_score
from ...train.labels import LabelledPrompts
from ...train.recipe import Recipe
from ...train.shipped import score
from ...train.wider import read_wide
from .bootstrap import Array, interval, resamples
from .choice import LAMBDAS, by_lambda
from .figures import Figures
from .parts import GROUPS, OURS, PROBES
from .shrinkage import kept_at, largest_threshold, shrink
from .wide import Found, scores

Progress = Callable[[str], None]
KEPT = 0.95
RESAMPLES = 1_000
COUNTED = tuple(source for group in GROUPS for source in group)
"""Sources whose mean chooses the threshold."""


def wide_figures(
    folder: Path, kept: Path, before: bytes | None, recipe: Recipe, progress: Progress
) -> Figures:
    """Return the figures; `before` is an older bundle that saw nothing of the first group."""
    data = read_wide(folder)
    found = scores(folder, kept, recipe, progress)
    parts = {source: _part(data, one, source) for one, source in _pairs(found)}
    routed = [parts[source] for source in COUNTED]
    s = [routing_score(p[OURS], recipe.lam) for _, p in routed]
    light = [rows.quality[:, 0].astype(np.float64) for rows, _ in routed]
    powerful = [rows.quality[:, -1].astype(np.float64) for rows, _ in routed]
    threshold = largest_threshold(s, light, powerful, KEPT)
    at = [kept_at(*row, threshold) for row in zip(s, light, powerful, strict=True)]
    together = shrink([k.kept for k in at], [k.variance for k in at])
    sources: Figures = {}
    for source, (rows, p) in parts.items():
        progress(f"{source}: figures")
        sources[source] = _source(rows, p, threshold, recipe.lam)
        if before is not None and source in GROUPS[0] + PROBES:
            sources[source]["before"] = _beside(rows, p[OURS][:, 0], before)
    for source, own in zip(COUNTED, together.each, strict=True):
        sources[source]["kept_shrunk"] = float(own)
    curves = [by_lambda(p[OURS], rows.quality) for rows, p in routed]
    return {
        "sources": sources,
        "threshold": threshold,
        "kept_mean": together.mean,
        "kept_range": list(together.range),
        "mean": {
            name: float(np.mean([sources[x]["auc"][name] for x in COUNTED]))
            for name in next(iter(sources.values()))["auc"]
        },
        "ece_mean": float(np.mean([sources[x]["ece"] for x in COUNTED])),
        "apgr_by_lambda": dict(zip(map(str, LAMBDAS), np.mean(curves, 0).tolist(), strict=True)),
    }


def _pairs(found: Sequence[Found]) -> list[tuple[Found, str]]:
    groups = [GROUPS[0] + PROBES, *GROUPS[1:]]
    return [(one, source) for one, group in zip(found, groups, strict=True) for source in group]


def _part(data: LabelledPrompts, one: Found, source: str) -> tuple[LabelledPrompts, Found]:
    rows = one["rows"].astype(np.int64)
    inside = data.take(rows).of_source(source)
    part = data.take(rows[inside])
    return part, {name: p[inside] for name, p in one.items() if name != "rows"}


def _source(rows: LabelledPrompts, p: Found, threshold: float, lam: float) -> Figures:
    right, quality = rows.right[:, 0], rows.quality.astype(np.float64)
    s = routing_score(p[OURS], lam)
    at = kept_at(s, quality[:, 0], quality[:, -1], threshold)
    draws = resamples([stem(x) for x in rows.prompts], RESAMPLES)
    ahead = {
        name: interval(np.array([_gain(p[OURS], other, right, r) for r in draws]))
        for name, other in p.items()
        if name != OURS
    }
    beyond = []
    for r in draws:
        drawn = kept_at(s[r], quality[r, 0], quality[r, -1], threshold)
        beyond.append(drawn.kept - drawn.static)
    return {
        "rows": len(rows),
        "auc": {name: auc(found[:, 0], right) for name, found in p.items()},
        "ahead_95": {name: list(pair) for name, pair in ahead.items()},
        "ece": calibration_error(p[OURS][:, 0], right),
        "kept": at.kept,
        "light": at.light,
        "static": at.static,
        "above_static_95": list(interval(np.array(beyond))),
        "light_alone": float(quality[:, 0].mean() / quality[:, -1].mean()),
    }


def _gain(ours: Array, other: Array, right: npt.NDArray[np.float32], rows: Index) -> float:
    return auc(ours[rows, 0], right[rows]) - auc(other[rows, 0], right[rows])


def _beside(rows: LabelledPrompts, ours: Array, before: bytes) -> Figures:
    """Return the older bundle's AUC on the rows, and how far ours is ahead with its interval."""
    p = score(before, rows).probability[:, 0].astype(np.float64)
    right = rows.right[:, 0]
    draws = resamples([stem(x) for x in rows.prompts], RESAMPLES)
    ahead = [auc(ours[r], right[r]) - auc(p[r], right[r]) for r in draws]
    return {
        "auc": auc(p, right),
        "ahead": auc(ours, right) - auc(p, right),
        "ahead_95": list(interval(np.array(ahead))),
    }
