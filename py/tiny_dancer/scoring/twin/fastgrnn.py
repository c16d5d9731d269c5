"""FastGRNN over the tokens of a text (Kusupati et al. 2018, eq. 3-5; docs/kernel.md, section 7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from .float32 import (
    Vector,
    add_rows,
    dot,
    inverse_root,
    over,
    plus,
    scaled,
    shifted,
    sigmoid,
    tanh,
    times,
    vector,
)


@dataclass(frozen=True, slots=True)
class FastGrnn:
    """The cell and its token table.

    Attributes:
        rows: int8 [V, H] flat, the paper's W x of every token.
        scales: one factor a row.
        u: row k multiplies h[k].
        bias_z, bias_h: H numbers each.
        zeta, nu: the two scalars, binary32 values.
    """

    rows: memoryview
    scales: Sequence[float]
    u: tuple[tuple[float, ...], ...]
    bias_z: Vector
    bias_h: Vector
    zeta: float
    nu: float

    def run(self, ids: Sequence[int]) -> tuple[Vector, Vector]:
        """The last state and the mean of the states, zeros for no token."""
        width = len(self.u)
        state = total = vector([0.0] * width)
        for token in ids:
            state = self._step(self._row(token), state)
            total = plus(total, state)
        if not ids:
            return state, total
        return state, over(total, [float(len(ids))] * width)

    def embedding(self, ids: Sequence[int]) -> Vector:
        """The unit vector of the sum of the tokens' rows, zeros where that sum has no length."""
        width = len(self.u)
        total = vector([0.0] * width)
        for token in ids:
            total = plus(total, self._row(token))
        return scaled(inverse_root(dot(total, total)), total)

    def _row(self, token: int) -> Vector:
        width = len(self.u)
        return scaled(self.scales[token], self.rows[token * width : (token + 1) * width])

    def _step(self, inputs: Vector, state: Vector) -> Vector:
        both = add_rows(inputs, state, self.u)
        return gated(both, self.bias_z, self.bias_h, zeta=self.zeta, nu=self.nu, state=state)


def gated(
    sums: Vector, bias_z: Vector, bias_h: Vector, *, zeta: float, nu: float, state: Vector
) -> Vector:
    """The next state: gate and candidate state share `sums`, the paper's W x + U h (eq. 3-5)."""
    z = sigmoid(plus(sums, bias_z))
    candidate = tanh(plus(sums, bias_h))
    one_minus_z = vector([1.0 - x for x in z])
    gate = shifted(nu, scaled(zeta, one_minus_z))
    return plus(times(gate, candidate), times(z, state))
