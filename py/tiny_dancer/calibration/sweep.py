"""What every threshold of a policy would do with labelled prompts, for any number of models."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ..policy.policy import Estimate, Policy, Target

QUALITY_KEPT: Final = 0.95
NOTHING_LIGHT: Final = -2.0


@dataclass(frozen=True, slots=True)
class Point:
    """What one threshold does.

    Attributes:
        threshold: the smallest that does it.
        quality: mean quality of the chosen models' answers.
        share: share of prompts that each model gets, cheapest first.
    """

    threshold: float
    quality: float
    share: tuple[float, ...]


def sweep(scores: Sequence[Sequence[float]], quality: Sequence[Sequence[float]]) -> list[Point]:
    """Every point of a policy's curve, from "all to the powerful model" on.

    Args:
        scores: N rows of M routing scores; the last is not looked at (the powerful model is what
            is left).
        quality: N rows of M qualities.
    """
    n, last = len(scores), len(quality[0]) - 1
    choice, count = [last] * n, [0] * last + [n]
    total = sum(row[last] for row in quality)
    points = [Point(NOTHING_LIGHT, total / n, tuple(c / n for c in count))]
    events = sorted((row[m], i, m) for i, row in enumerate(scores) for m in range(last))
    for at, (value, i, m) in enumerate(events):
        if m < choice[i]:
            total += quality[i][m] - quality[i][choice[i]]
            count[choice[i]] -= 1
            count[m] += 1
            choice[i] = m
        if at + 1 == len(events) or events[at + 1][0] > value:
            points.append(Point(value, total / n, tuple(c / n for c in count)))
    return points


def policy_for(points: Sequence[Point], n: int, kept: float = QUALITY_KEPT) -> Policy:
    """The policy that sends most away from the powerful model at `kept` of its quality.

    A point estimate on the N prompts of the points, no guarantee. The threshold lies half way to
    the next point's.
    """
    strong = points[0].quality
    at = max(k for k, point in enumerate(points) if k == 0 or point.quality >= kept * strong - 1e-9)
    point, after = points[at], points[min(at + 1, len(points) - 1)]
    threshold = (point.threshold + after.threshold) / 2 if at else NOTHING_LIGHT
    estimate = Estimate(
        round(point.quality / strong, 6) if strong else 1.0, round(1 - point.share[-1], 6), n
    )
    return Policy(threshold, Target("quality_kept", kept), estimate)


def advantage(score: Sequence[float], light: Sequence[float], powerful: Sequence[float]) -> float:
    """Mean quality over all shares of powerful calls, beyond that of a random order."""
    points = sweep([(s,) for s in score], list(zip(light, powerful, strict=True)))
    area = sum((a.share[1] - b.share[1]) * (a.quality + b.quality) / 2 for a, b in pairwise(points))
    return area - (points[0].quality + points[-1].quality) / 2


def apgr(score: Sequence[float], light: Sequence[float], powerful: Sequence[float]) -> float | None:
    """Mean performance gap recovered (Ong et al., arXiv 2406.18665, section 4) on the exact curve.

    0.5 = random order. None where both models are equally good on the whole.
    """
    gap = (sum(powerful) - sum(light)) / len(score)
    return 0.5 + advantage(score, light, powerful) / gap if abs(gap) > 1e-12 else None
