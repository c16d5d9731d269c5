"""The logistic heads over a text, and the routing scores (docs/kernel.md, section 7)."""

from dataclasses import dataclass

from .float32 import Vector, add_rows, minus, plus, scalar, scaled, vector


@dataclass(frozen=True, slots=True)
class Heads:
    """One logistic head a model, cheapest first.

    Attributes:
        weights: row k multiplies head input k, one number a model.
        bias: one number a model.
        lam: λ of the routing score, a binary32 value.
    """

    weights: tuple[tuple[float, ...], ...]
    bias: Vector
    lam: float

    def logits(self, inputs: Vector) -> Vector:
        """One logit a model."""
        return add_rows(self.bias, inputs, self.weights)

    def scores(self, probabilities: Vector) -> Vector:
        """The routing score of each model: the expected loss of choosing it."""
        best = vector(
            [
                max(p for j, p in enumerate(probabilities) if j != m)
                for m in range(len(probabilities))
            ]
        )
        regret = scaled(self.lam, minus(best, probabilities))
        failure = vector([1.0 - p for p in probabilities])
        return plus(regret, scaled(scalar(1.0 - self.lam), failure))
