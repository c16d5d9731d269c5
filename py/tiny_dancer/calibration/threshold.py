"""The threshold that sends most away from the powerful model at a share of its quality."""

from array import array
from collections.abc import Sequence
from typing import Final

from ..errors import PolicyError
from ..model import Bundle
from ..policy import Estimate, Policy, Target
from .sweep import NOTHING_LIGHT, Point, sweep

QUALITY_KEPT: Final = 0.95
"""Of a bundle's default policy."""


def policy_for(points: Sequence[Point], n: int, kept: float = QUALITY_KEPT) -> Policy:
    """The policy that sends most away from the powerful model at `kept` of its quality.

    A point estimate on the N prompts of the points, no guarantee. The threshold lies half way to
    the next point's.
    """
    powerful = points[0].quality
    at = max(k for k, p in enumerate(points) if k == 0 or p.quality >= kept * powerful - 1e-9)
    point, after = points[at], points[min(at + 1, len(points) - 1)]
    estimate = Estimate(
        round(point.quality / powerful, 6) if powerful else 1.0, round(1 - point.share[-1], 6), n
    )
    threshold = between(point.threshold, after.threshold) if at else NOTHING_LIGHT
    return Policy(threshold, Target("quality_kept", kept), estimate)


def estimate_policy(bundle: Bundle, quality: float) -> Policy:
    """The same from the calibration rows that a bundle of two models carries.

    Args:
        bundle: with two models and at least one row.
        quality: share of the powerful model's quality to keep, in [0, 1].

    Raises:
        PolicyError: the bundle has more than two models, of which the rows do not hold every
            score, or no rows.
    """
    n = bundle.sizes["N"]
    if bundle.sizes["M"] != 2 or not n:
        raise PolicyError("quality: only a bundle of two models with rows can estimate it")
    levels = bundle.tensors["calibration.quality"]
    points = sweep(
        [(score,) for score in bundle.tensors["calibration.score"]],
        list(zip(levels[::2], levels[1::2], strict=True)),
    )
    found = policy_for(points, n, quality)
    return Policy(found.threshold, found.target, found.estimate, None, bundle.bundle_hash)


def between(reached: float, following: float) -> float:
    """A threshold that reaches the one score and not the following: half way, as binary32."""
    middle: float = array("f", [(reached + following) / 2])[0]
    return middle if reached <= middle < following else reached
