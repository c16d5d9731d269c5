"""Exact binary32 arithmetic on vectors with the standard library.

`array("f", values)` rounds each element once. The sum, difference, product or quotient of two
binary32 numbers, taken in binary64 and rounded again, is the binary32 result: 53 bits are more
than twice 24 bits and two (Figueroa 1995); so is the square root, which IEEE 754 rounds correctly
everywhere. So one array is made for every operation, and `sum`, `math.sumprod` and `math.exp`,
whose bits differ between hosts, have no place here.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from operator import add, mul, sub, truediv
from typing import Final, TypeAlias

Vector: TypeAlias = "array[float]"
Values: TypeAlias = Iterable[float]


def vector(values: Values) -> Vector:
    """The values, each rounded to binary32."""
    return array("f", values)


def scalar(value: float) -> float:
    """The value rounded to binary32."""
    return array("f", (value,))[0]


def plus(a: Values, b: Values) -> Vector:
    """The sum a + b by element."""
    return array("f", map(add, a, b))


def minus(a: Values, b: Values) -> Vector:
    """The difference a − b by element."""
    return array("f", map(sub, a, b))


def times(a: Values, b: Values) -> Vector:
    """The product a · b by element."""
    return array("f", map(mul, a, b))


def over(a: Values, b: Values) -> Vector:
    """The quotient a / b by element."""
    return array("f", map(truediv, a, b))


def scaled(factor: float, a: Values) -> Vector:
    """The product factor · a by element."""
    return array("f", [factor * x for x in a])


def shifted(term: float, a: Values) -> Vector:
    """The sum term + a by element."""
    return array("f", [term + x for x in a])


def add_rows(start: Vector, factors: Values, rows: Iterable[Values]) -> Vector:
    """The sum start + factors[0] · rows[0] + factors[1] · rows[1] …, in this order."""
    total = start
    for factor, row in zip(factors, rows, strict=True):
        total = array("f", map(add, total, array("f", [factor * x for x in row])))
    return total


def dot(a: Vector, b: Vector) -> float:
    """The inner product of vectors whose length is a multiple of eight, summed as in section 8."""
    products = times(a, b)
    total = array("f", bytes(32))
    for at in range(0, len(products), 8):
        total = plus(total, products[at : at + 8])
    s0, s1, s2, s3 = plus(total[:4], total[4:])
    return scalar(scalar(s0 + s1) + scalar(s2 + s3))


def inverse_root(square: float) -> float:
    """The quotient 1 / √square in two operations, 0 where square is 0."""
    return scalar(1.0 / scalar(math.sqrt(square))) if square > 0 else 0.0


def clamped(a: Values, limit: float) -> Vector:
    """Each element held within ±limit."""
    return array("f", [min(max(x, -limit), limit) for x in a])


_P: Final = vector(
    (
        1.4099215128737796e-08,
        2.112154288624879e-05,
        0.0035258173011243343,
        0.1340620368719101,
        0.9999999403953552,
    )
)
_Q: Final = vector(
    (
        8.073604931269074e-07,
        0.0003335687215439975,
        0.025991126894950867,
        0.467395156621933,
        1.0,
    )
)
_TANH_LIMIT: Final = 8.5


def _polynomial(coefficients: Sequence[float], u: Vector) -> Vector:
    """Horner's rule, the highest power's coefficient first."""
    value = array("f", (coefficients[0],)) * len(u)
    for coefficient in coefficients[1:]:
        value = shifted(coefficient, times(value, u))
    return value


def tanh(a: Values) -> Vector:
    """Hyperbolic tangent by element, within 3.8e-7; constant beyond ±8.5."""
    x = clamped(a, _TANH_LIMIT)
    u = times(x, x)
    return clamped(over(times(x, _polynomial(_P, u)), _polynomial(_Q, u)), 1.0)


def sigmoid(a: Values) -> Vector:
    """1 / (1 + e^−a) by element, within 2.2e-7; exactly 0 or 1 beyond ±17."""
    return shifted(0.5, scaled(0.5, tanh(scaled(0.5, a))))


_EXP2: Final = vector(
    (
        0.00015345810970757157,
        0.0013399930903688073,
        0.009618489071726799,
        0.05550328642129898,
        0.24022646248340607,
        0.6931471824645996,
        1.0,
    )
)
_EXP2_LIMIT: Final = 30.0
"""Beyond it, products with squares of the result would be subnormal, which is slow."""
_ROUNDER: Final = 12_582_912.0
"""1.5 · 2²³: added and taken away again, it rounds a number within ±2²² to a whole one."""


def rounded(a: Values) -> Vector:
    """Each element, within ±2²², rounded to a whole number, half to even."""
    return array("f", [x - _ROUNDER for x in shifted(_ROUNDER, a)])


def exp2(a: Values) -> Vector:
    """2^a by element, a held within ±30; relative error at most 1.1e-7."""
    t = clamped(a, _EXP2_LIMIT)
    whole = rounded(t)
    fraction = _polynomial(_EXP2, minus(t, whole))
    return array("f", [math.ldexp(x, int(n)) for x, n in zip(fraction, whole, strict=True)])
