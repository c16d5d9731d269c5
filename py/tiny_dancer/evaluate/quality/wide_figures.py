"""Figures of sources left out in groups: AUC, quality kept beside the static mix, calibration."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...adapt.stem import stem
from ...calibration.probability import calibration_error
from ...model import Bundle
from ...train.encoded import Index
from ...train.heads import routing_score
from ...train.labels import LabelledPrompts
from ...train.recipe import Recipe
from ...train.shipped import score
from ...train.wider import read_wide
from .bootstrap import Array, auc_deviation, interval, ranked_auc, resamples
from .choice import LAMBDAS, by_lambda
from .figures import Figures
from .parts import BEFORE, GROUPS, OURS, PROBES
from .shrinkage import kept_at, largest_threshold, shrink
from .wide import Found, scores, tested_sources
from .wide_families import family_figures

Progress = Callable[[str], None]
KEPT = 0.95
RESAMPLES = 1_000
COUNTED = tuple(source for group in GROUPS for source in group)
"""Sources whose mean chooses the threshold."""


def wide_figures(
    folder: Path,
    kept: Path,
    before: bytes | None,
    earlier: Mapping[str, float],
    recipe: Recipe,
    progress: Progress,
    shipped: Bundle,
) -> Figures:
    """Return the figures.

    `shipped` is the bundle of the recipe, whose default policy's threshold is judged. `before` is
    an older bundle that saw nothing of the first group; `earlier` gives, by source, the AUC of the
    older recipe with that source left out.
    """
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
    gains: dict[str, dict[str, Array]] = {}
    for source, (rows, p) in parts.items():
        progress(f"{source}: figures")
        if before is not None and source in GROUPS[0] + PROBES:
            p = p | {BEFORE: score(before, rows).probability.astype(np.float64)}
        sources[source], gains[source] = _source(rows, p, threshold, recipe.lam)
        sources[source]["default"] = _under(rows, p[OURS], shipped.policy.threshold, recipe.lam)
        if BEFORE not in p and source in earlier:
            one, gain = _beside(rows, p[OURS][:, 0], earlier[source])
            sources[source] |= one
            gains[source][BEFORE] = gain
    for source, own in zip(COUNTED, together.each, strict=True):
        sources[source]["kept_shrunk"] = float(own)
    curves = [by_lambda(p[OURS], rows.quality) for rows, p in routed]
    return {
        "sources": sources,
        "threshold": threshold,
        "default_threshold": shipped.policy.threshold,
        "bundle": shipped.bundle_hash,
        "kept_mean": together.mean,
        "kept_range": list(together.range),
        "mean": _means(sources, gains),
        "mean_earlier": _mean_earlier(sources, gains),
        "ece_mean": float(np.mean([sources[x]["ece"] for x in COUNTED])),
        "families": family_figures(data, found, progress),
        "apgr_by_lambda": dict(zip(map(str, LAMBDAS), np.mean(curves, 0).tolist(), strict=True)),
    }


def left_out(found: Figures) -> Figures:
    """Return what stands beside the shipped bundle: its default policy on sources left out."""
    kept = [found["sources"][source]["default"]["kept"] for source in COUNTED]
    return {
        "made_by": "./build.sh eval --full --part wide",
        "bundle": found["bundle"],
        "sources": len(kept),
        "kept": [min(kept), max(kept)],
    }


def earlier_aucs(results: Path) -> dict[str, float]:
    """Return, by source, the AUC of the older recipe's network with that source left out."""
    path = results / "left-out.json"
    known = json.loads(path.read_text(encoding="utf-8"))["sources"] if path.is_file() else {}
    return {name: one["routers"][OURS]["auc_light"] for name, one in known.items()}


def _means(sources: Figures, gains: Mapping[str, Mapping[str, Array]]) -> Figures:
    """Return the mean AUC of each router over the counted sources, and how far ours is ahead."""
    found: Figures = {}
    for name in next(iter(sources.values()))["auc"]:
        if any(name not in sources[x]["auc"] for x in COUNTED):
            continue
        found[name] = {"auc": float(np.mean([sources[x]["auc"][name] for x in COUNTED]))}
        if name != OURS:
            ahead = [sources[x]["ahead"][name] for x in COUNTED]
            drawn = np.mean([gains[x][name] for x in COUNTED], 0)
            found[name] |= {
                "ahead": float(np.mean(ahead)),
                "ahead_95": list(interval(drawn)),
            }
    return found


def _mean_earlier(sources: Figures, gains: Mapping[str, Mapping[str, Array]]) -> Figures:
    """Return the mean lead over the older bundle, or over its recipe without the source."""
    known = [x for x in COUNTED if BEFORE in gains[x]]
    ahead = [sources[x]["ahead"].get(BEFORE, sources[x].get("earlier_ahead")) for x in known]
    drawn = np.mean([gains[x][BEFORE] for x in known], 0)
    return {
        "sources": len(known),
        "ahead": float(np.mean(ahead)),
        "ahead_95": list(interval(drawn)),
    }


def _pairs(found: Sequence[Found]) -> list[tuple[Found, str]]:
    return [(one, source) for k, one in enumerate(found) for source in tested_sources(k)]


def _part(data: LabelledPrompts, one: Found, source: str) -> tuple[LabelledPrompts, Found]:
    rows = one["rows"].astype(np.int64)
    inside = data.take(rows).of_source(source)
    part = data.take(rows[inside])
    return part, {name: p[inside] for name, p in one.items() if name != "rows"}


def _source(
    rows: LabelledPrompts, p: Found, threshold: float, lam: float
) -> tuple[Figures, dict[str, Array]]:
    """Return the figures of a source, and the resampled lead of ours over each other router."""
    right, quality = rows.right[:, 0], rows.quality.astype(np.float64)
    ours = p[OURS][:, 0]
    gains, ahead = {}, {}
    for name, other in p.items():
        if name != OURS:
            known = np.flatnonzero(np.isfinite(other[:, 0]))
            one, two, y = ours[known], other[known, 0], right[known]
            own = resamples([stem(rows.prompts[i]) for i in known], RESAMPLES)
            gains[name] = np.array([_gain(one, two, y, r) for r in own])
            ahead[name] = ranked_auc(one, y) - ranked_auc(two, y)
    found = {
        "rows": len(rows),
        "auc": {name: _auc(other[:, 0], right) for name, other in p.items()},
        "ahead": ahead,
        "ahead_95": {name: list(interval(drawn)) for name, drawn in gains.items()},
        "ece": calibration_error(ours, right),
        "light_alone": float(quality[:, 0].mean() / quality[:, -1].mean()),
    }
    return found | _under(rows, p[OURS], threshold, lam), gains


def _under(rows: LabelledPrompts, ours: Array, threshold: float, lam: float) -> Figures:
    """Return what a threshold keeps, beside the static mix at the same light share."""
    s, quality = routing_score(ours, lam), rows.quality.astype(np.float64)
    at = kept_at(s, quality[:, 0], quality[:, -1], threshold)
    beyond = []
    for r in resamples([stem(x) for x in rows.prompts], RESAMPLES):
        drawn = kept_at(s[r], quality[r, 0], quality[r, -1], threshold)
        beyond.append(drawn.kept - drawn.static)
    return {
        "kept": at.kept,
        "light": at.light,
        "static": at.static,
        "above_static_95": list(interval(np.array(beyond))),
    }


def _auc(found: Array, right: npt.NDArray[np.float32]) -> float:
    """Of the rows that a router scored; of a sample, mpnet."""
    known = np.isfinite(found)
    return ranked_auc(found[known], right[known])


def _gain(ours: Array, other: Array, right: npt.NDArray[np.float32], rows: Index) -> float:
    return ranked_auc(ours[rows], right[rows]) - ranked_auc(other[rows], right[rows])


def _beside(rows: LabelledPrompts, ours: Array, earlier: float) -> tuple[Figures, Array]:
    """Return the lead over an AUC whose scores are gone: two samples, so wider than a pair's."""
    right = rows.right[:, 0]
    draws = resamples([stem(x) for x in rows.prompts], RESAMPLES)
    well = int(right.sum())
    spread = auc_deviation(earlier, well, len(right) - well)
    noise = np.random.default_rng(1).normal(0, spread, RESAMPLES)
    gain = np.array([ranked_auc(ours[r], right[r]) for r in draws]) - earlier - noise
    found = {"earlier": earlier, "earlier_95": list(interval(gain))}
    return found | {"earlier_ahead": ranked_auc(ours, right) - earlier}, gain
