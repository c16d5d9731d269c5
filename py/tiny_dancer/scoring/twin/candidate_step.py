"""The FastGRNN step that turns a candidate's five features into a logit (docs/kernel.md, 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ...model import Bundle
from .fastgrnn import gated
from .float32 import Vector, add_rows, scalar, tanh, vector

UNITS: Final = 8
FEATURES: Final = 5


@dataclass(frozen=True, slots=True)
class CandidateStep:
    """The step and its head.

    Attributes:
        w: row f multiplies feature f.
        u: row i multiplies the start state's i.
        bias_z, bias_h: one number a unit.
        head, bias: weights and bias of the logistic head.
        start: the learned start state.
        project: row k multiplies number k of the text's last state.
        zeta, nu: the two scalars, binary32 values.
        inverse_half_life: of recency, in 1/s, a binary32 value.
    """

    w: tuple[tuple[float, ...], ...]
    u: tuple[tuple[float, ...], ...]
    bias_z: Vector
    bias_h: Vector
    head: Vector
    bias: float
    start: Vector
    project: tuple[tuple[float, ...], ...]
    zeta: float
    nu: float
    inverse_half_life: float

    @classmethod
    def of(cls, bundle: Bundle) -> "CandidateStep | None":
        """The step of a bundle, None where it scores no candidates."""
        config, tensors = bundle.config.candidate, bundle.tensors
        if config is None:
            return None
        return cls(
            w=_rows(tensors["candidate.w"]),
            u=_rows(tensors["candidate.u"]),
            bias_z=vector(tensors["candidate.bias_z"]),
            bias_h=vector(tensors["candidate.bias_h"]),
            head=vector(tensors["candidate.head"]),
            bias=scalar(config.bias),
            start=vector(tensors["candidate.start"]),
            project=_rows(tensors["candidate.project"]),
            zeta=scalar(config.zeta),
            nu=scalar(config.nu),
            inverse_half_life=scalar(1.0 / config.half_life_s),
        )

    def state_from(self, last: Vector) -> Vector:
        """The start state that a text's last state gives."""
        return tanh(add_rows(vector([0.0] * UNITS), last, self.project))

    def logits(self, features: Sequence[Vector], state: Vector) -> Vector:
        """One logit a candidate.

        Args:
            features: the five features, one vector over all candidates each.
            state: where the step starts from.
        """
        n = len(features[0])
        shared = add_rows(vector([0.0] * UNITS), state, self.u)
        sums = vector([])
        for j, start in enumerate(shared):
            weights = [row[j] for row in self.w]
            sums += add_rows(vector([start]) * n, weights, features)
        units = gated(
            sums,
            _each(self.bias_z, n),
            _each(self.bias_h, n),
            zeta=self.zeta,
            nu=self.nu,
            state=_each(state, n),
        )
        by_unit = [units[j * n : (j + 1) * n] for j in range(UNITS)]
        return add_rows(vector([self.bias]) * n, self.head, by_unit)


def _each(values: Vector, n: int) -> Vector:
    """Every value n times."""
    return vector([value for value in values for _ in range(n)])


def _rows(values: memoryview) -> tuple[tuple[float, ...], ...]:
    flat = values.tolist()
    return tuple(tuple(flat[at : at + UNITS]) for at in range(0, len(flat), UNITS))
