"""What every threshold of a policy would do with labelled prompts, for any number of models."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NOTHING_LIGHT: Final = -2.0
"""Threshold below every routing score."""


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


def point_at(points: Sequence[Point], threshold: float) -> Point:
    """What this threshold does: the last point that it reaches."""
    return points[max(0, bisect_right(points, threshold, key=lambda p: p.threshold) - 1)]


def kept_and_share(points: Sequence[Point], threshold: float) -> tuple[float, float]:
    """Share of the powerful model's quality that a threshold keeps, and share it sends away."""
    point, powerful = point_at(points, threshold), points[0].quality
    return point.quality / powerful if powerful else 1.0, 1 - point.share[-1]
