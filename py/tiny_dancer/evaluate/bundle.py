"""`tiny-dancer eval`: what a bundle makes of labelled prompts, by the real kernel."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..adapt.adapt import match_models
from ..adapt.labels import ANSWERS_WELL, Labels
from ..calibration.curve import measure
from ..calibration.probability import Bin, auc, calibration_error, log_loss, reliability
from ..calibration.sweep import Point, point_at, sweep
from ..calibration.threshold import policy_for
from ..errors import InvalidInputError
from ..hosts import open_scorer
from ..model import Bundle
from ..policy import Policy
from ..text import cut
from .frontier import Spot, oracle, routed, singles, thinned

Array = npt.NDArray[np.float64]

KEPT = (0.90, 0.95, 0.98)
"""Shares of the powerful model's quality."""
MAX_TOKENS = 512
BY_POSITION = "no price table: 0 for the cheapest model to 1 for the powerful one, evenly"


@dataclass(frozen=True)
class Evaluation:
    """N prompts as the bundle scores them, and what follows.

    Attributes:
        facts: the figures, JSON-ready.
        models: names, cheapest first.
        routed: where the router lies at each threshold.
        singles: where each model alone lies.
        oracle: corners of the best possible.
        bins: reliability of each model's probability.
    """

    facts: dict[str, Any]
    models: tuple[str, ...]
    routed: list[Spot]
    singles: list[Spot]
    oracle: list[Spot]
    bins: list[list[Bin]]


def evaluate(
    bundle: Bundle,
    labels: Labels,
    prices: Mapping[str, float] | None = None,
    policy: Policy | None = None,
) -> Evaluation:
    """Return the figures of a bundle on labels it should not have been trained on.

    Args:
        bundle: what decides.
        labels: its prompts, and how well each model answers them.
        prices: of each model; evenly from 0 to 1 where left out.
        policy: the bundle's own where left out.

    Raises:
        InvalidInputError: the labels have other models than the bundle, or the policy was made
            for another bundle.
    """
    policy = bundle.policy if policy is None else policy
    if policy.bundle_hash not in (None, bundle.bundle_hash):
        raise InvalidInputError("policy: it was made for another bundle")
    labels = match_models(bundle, labels)
    p, scores = scored(bundle, labels)
    quality = np.array(labels.quality, np.float64)
    cost = _prices(labels.models, prices)
    points = sweep(scores.tolist(), labels.quality)
    right = quality >= ANSWERS_WELL
    bins = [reliability(p[:, m], right[:, m]) for m in range(len(cost))]
    here = _at(points, policy.threshold, labels.models, cost)
    facts = {
        "bundle": bundle.bundle_hash,
        "labels": {"sha256": labels.digest, "rows": len(labels)},
        "routing": _routing(scores[:, 0], quality),
        "policy": here,
        "mix": _mix(here["cost"], quality, cost),
        "kept": {
            f"{kept:.2f}": _at(
                points, policy_for(points, len(labels), kept).threshold, labels.models, cost
            )
            for kept in KEPT
        },
        "models": {
            name: _model(p[:, m], right[:, m], quality[:, m], bins[m])
            for m, name in enumerate(labels.models)
        },
        "prices": dict(zip(labels.models, cost, strict=True)),
        "has_prices": prices is not None,
        "prices_from": BY_POSITION if prices is None else "price table",
    }
    router, alone, best = routed(points, cost), singles(quality, cost), oracle(quality, cost)
    facts["frontier"] = {
        "router": [asdict(spot) for spot in thinned(router)],
        "singles": {
            name: asdict(spot) | _against(spot, alone[-1])
            for name, spot in zip(labels.models, alone, strict=True)
        },
        "oracle": [asdict(spot) for spot in thinned(best)],
    }
    return Evaluation(facts, labels.models, router, alone, best, bins)


def scored(bundle: Bundle, labels: Labels) -> tuple[Array, Array]:
    """Return probabilities [N, M] and routing scores [N, M]."""
    scorer = open_scorer(bundle, MAX_TOKENS)
    found = [scorer.score_text(cut(prompt)[0]) for prompt in labels.prompts]
    return np.array([f.probabilities for f in found]), np.array([f.scores for f in found])


def _prices(models: tuple[str, ...], prices: Mapping[str, float] | None) -> list[float]:
    if prices is None:
        return [m / (len(models) - 1) for m in range(len(models))]
    if missing := [name for name in models if name not in prices]:
        raise InvalidInputError(f"the price table has no {missing[0]!r}")
    return [prices[name] for name in models]


def _routing(score: Array, quality: Array) -> dict[str, float] | None:
    light, powerful = quality[:, 0], quality[:, -1]
    if light.mean() == powerful.mean():
        return None
    return asdict(measure(score, light, powerful))


def _at(
    points: list[Point], threshold: float, models: tuple[str, ...], prices: list[float]
) -> dict[str, Any]:
    """Return what a threshold does to these prompts."""
    point = point_at(points, threshold)
    here = Spot(float(np.dot(point.share, prices)), point.quality)
    return {
        "threshold": threshold,
        "light_share": 1 - point.share[-1],
        "share": dict(zip(models, point.share, strict=True)),
        "cost": here.cost,
        **_against(here, Spot(prices[-1], points[0].quality)),
    }


def _mix(cost: float, quality: Array, prices: list[float]) -> dict[str, float]:
    """Return what the two ends do when a coin is thrown, at the same cost a prompt."""
    low, high = prices[0], prices[-1]
    share = min(1.0, max(0.0, (high - cost) / (high - low))) if high > low else 0.0
    means = quality.mean(0)
    mixed = Spot(high - share * (high - low), float(means[-1] + share * (means[0] - means[-1])))
    powerful = Spot(high, float(means[-1]))
    return {"light_share": share, "cost": mixed.cost, **_against(mixed, powerful)}


def _against(spot: Spot, powerful: Spot) -> dict[str, float]:
    """Return share of the powerful model's quality kept, and share of its cost saved."""
    return {
        "quality_kept": spot.quality / powerful.quality if powerful.quality else 1.0,
        "saving": 1 - spot.cost / powerful.cost if powerful.cost else 0.0,
    }


def _model(
    p: Array, right: npt.NDArray[np.bool_], quality: Array, bins: list[Bin]
) -> dict[str, Any]:
    both = 0 < right.sum() < len(right)
    return {
        "mean_quality": float(quality.mean()),
        "answered_well": float(right.mean()),
        "mean_probability": float(p.mean()),
        "ece": calibration_error(p, right),
        "auc": auc(p, right) if both else None,
        "log_loss": log_loss(p, right),
        "reliability": [asdict(b) for b in bins],
    }
