"""The heads of a bundle re-fitted to labelled prompts, each by a regression with a prior."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

from .regression import Sample, Scaling, Vector, loss, scaling, sigmoid

STRENGTHS: Final = (1000.0, 300.0, 100.0)
"""Of the prior on what is added to a head: at 1,000 next to nothing is."""

INNER_FOLDS: Final = 3


@dataclass(frozen=True)
class Head:
    """One model's logistic head: K weights over the head inputs, and a bias."""

    weights: Vector
    bias: float

    def logit(self, inputs: Sequence[float]) -> float:
        """The logit of "this model answers well"."""
        total: float = sum(map(mul, self.weights, inputs), self.bias)
        return total


@dataclass(frozen=True)
class Lesson:
    """What one head learns from: N prompts.

    Attributes:
        inputs: N rows of K head inputs.
        right: 1.0 where the model answered well.
        weights: how much each prompt counts.
        fold: 0 … INNER_FOLDS − 1, the same for prompts of one stem.
    """

    inputs: list[Sequence[float]]
    right: Vector
    weights: Vector
    fold: list[int]


def refitted(old: Head, lesson: Lesson) -> tuple[Head, float]:
    """The head fitted to all of the lesson, and the strength that served best across its folds."""
    scale = scaling(lesson.inputs)
    rows = [[old.logit(x), 1.0, *scale.of(x)] for x in lesson.inputs]
    lost = dict.fromkeys(STRENGTHS, 0.0)
    for k in range(INNER_FOLDS):
        inside = [i for i, fold in enumerate(lesson.fold) if fold != k]
        outside = [i for i, fold in enumerate(lesson.fold) if fold == k]
        for strength, found in _path(_sample(rows, lesson, inside), STRENGTHS).items():
            lost[strength] += sum(
                lesson.weights[i] * loss(sum(map(mul, rows[i], found)), lesson.right[i])
                for i in outside
            )
    strength = min(STRENGTHS, key=lost.__getitem__)
    path = STRENGTHS[: STRENGTHS.index(strength) + 1]
    found = _path(_sample(rows, lesson, range(len(rows))), path)[strength]
    return _folded(old, found, scale), strength


def _sample(rows: list[Vector], lesson: Lesson, inside: Sequence[int]) -> Sample:
    return Sample(
        [rows[i] for i in inside],
        [lesson.right[i] for i in inside],
        [lesson.weights[i] for i in inside],
    )


def _path(sample: Sample, strengths: Sequence[float]) -> dict[float, Vector]:
    """Coefficients by strength, each found from the one before."""
    found: dict[float, Vector] = {}
    start = None
    for strength in strengths:
        start = found[strength] = sample.fit(strength, start)
    return found


def _folded(old: Head, found: Vector, scale: Scaling) -> Head:
    """The head over plain inputs that says a · z + b + Σ d_k x_k."""
    a, b, *d = found
    added = [v / s if s else 0.0 for v, s in zip(d, scale.deviation, strict=True)]
    weights = [a * w + v for w, v in zip(old.weights, added, strict=True)]
    return Head(weights, a * old.bias + b - sum(map(mul, added, scale.mean)))


def scores(logits: Sequence[float], lam: float) -> tuple[float, list[float]]:
    """Confidence in the cheapest model, and the routing score of each (ARCHITECTURE, section 4)."""
    p = [sigmoid(z) for z in logits]
    best = [max(other for j, other in enumerate(p) if j != m) for m in range(len(p))]
    return p[0], [lam * (b - q) + (1 - lam) * (1 - q) for q, b in zip(p, best, strict=True)]
