"""Logistic regression with a prior, in the standard library: heads re-fitted to some labels.

A head's logit becomes  a · z + b + Σ_k d_k x_k,  z the old head's logit and x_k the head inputs,
standardised. The prior says a = 1, b = 0, d = 0: the old head. How strongly it holds d is chosen by
cross-validation; a and b, which only move and stretch the old head's answer, are held weakly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from math import exp, log1p, sqrt
from operator import mul, sub
from typing import Final, TypeAlias

Vector: TypeAlias = list[float]

HOLDS_SCALE: Final = 4.0
"""Strength of the prior on a, in labels' worth of curvature."""
HOLDS_SHIFT: Final = 0.5
"""And on b."""
STEPS: Final = 60
CLOSE: Final = 1e-3
"""Largest change of a coefficient in the last step."""


@dataclass(frozen=True)
class Scaling:
    """Mean and standard deviation of each head input; an input that never varies counts as 0."""

    mean: Vector
    deviation: Vector

    def of(self, x: Sequence[float]) -> Vector:
        """The inputs of one prompt, standardised."""
        return [
            (v - m) / s if s else 0.0 for v, m, s in zip(x, self.mean, self.deviation, strict=True)
        ]


def scaling(rows: Sequence[Sequence[float]]) -> Scaling:
    """The scaling of N rows of head inputs."""
    mean, deviation = [], []
    for column in zip(*rows, strict=True):
        middle = sum(column) / len(column)
        mean.append(middle)
        spread = sqrt(sum((v - middle) ** 2 for v in column) / len(column))
        deviation.append(spread if spread > 1e-6 else 0.0)
    return Scaling(mean, deviation)


class Sample:
    """Rows (z, 1, x_1 … x_K) of one model, whether it answered each well, and the rows' weights."""

    def __init__(
        self,
        rows: list[Vector],
        right: Vector,
        weights: Vector,
        gram: list[Vector] | None = None,
    ) -> None:
        """Sum the rows' products once, unless they are known; every prior needs them."""
        self.rows, self.right, self.weights = rows, right, weights
        self._columns = list(zip(*rows, strict=True))
        self._gram = sum_products(rows, weights) if gram is None else gram

    def fit(self, strength: float, start: Vector | None = None) -> Vector:
        """The coefficients (a, b, d_1 … d_K) of greatest posterior density.

        Newton's steps with the Hessian's upper bound ¼ Σ w x xᵀ + prior (Böhning & Lindsay 1988):
        one factorisation for all steps, and no step makes it worse.
        """
        size = len(self._columns)
        hold = [HOLDS_SCALE, HOLDS_SHIFT, *repeat(strength, size - 2)]
        bound = [[v / 4 for v in row] for row in self._gram]
        for i in range(size):
            bound[i][i] += hold[i]
        factor = _cholesky(bound)
        prior = [1.0, *repeat(0.0, size - 1)]
        c = list(start or prior)
        for _ in range(STEPS):
            error = [
                w * (sigmoid(sum(map(mul, row, c))) - y)
                for row, y, w in zip(self.rows, self.right, self.weights, strict=True)
            ]
            slope = [
                sum(map(mul, column, error)) + h * (v - p)
                for column, h, v, p in zip(self._columns, hold, c, prior, strict=True)
            ]
            step = _solved(factor, slope)
            c = list(map(sub, c, step))
            if max(map(abs, step)) < CLOSE:
                break
        return c


def sum_products(rows: Sequence[Vector], weights: Vector) -> list[Vector]:
    """Σ w x xᵀ over some rows, the lower triangle."""
    columns = list(zip(*rows, strict=True))
    heavy = [list(map(mul, column, weights)) for column in columns]
    return [
        [sum(map(mul, column, other)) for other in columns[: i + 1]]
        for i, column in enumerate(heavy)
    ]


def sigmoid(z: float) -> float:
    """1 / (1 + e^-z)."""
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))


def loss(z: float, right: float) -> float:
    """Negative log-likelihood of an answer in nats."""
    return max(z, 0.0) - z * right + log1p(exp(-abs(z)))


def _cholesky(a: list[Vector]) -> list[Vector]:
    """Lower triangle L of a positive definite A = L Lᵀ, of which the lower triangle is given."""
    factor: list[Vector] = []
    for i, row in enumerate(a):
        new: Vector = []
        for j in range(i):
            new.append((row[j] - sum(map(mul, new, factor[j]))) / factor[j][j])
        new.append(sqrt(row[i] - sum(map(mul, new, new))))
        factor.append(new)
    return factor


def _solved(factor: list[Vector], b: Vector) -> Vector:
    """X of L Lᵀ x = b."""
    y: Vector = []
    for row, value in zip(factor, b, strict=True):
        y.append((value - sum(map(mul, row, y))) / row[-1])
    for i in range(len(y) - 1, -1, -1):
        y[i] /= factor[i][i]
        for j, v in enumerate(factor[i][:-1]):
            y[j] -= v * y[i]
    return y
