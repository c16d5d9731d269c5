"""Exact binary32 arithmetic on vectors with the standard library.

`array("f", values)` rounds each element once. The sum, difference, product or quotient of two
binary32 numbers, taken in binary64 and rounded again, is the binary32 result: 53 bits are more
than twice 24 bits and two (Figueroa 1995). So one array is made for every operation, and `sum`,
`math.sumprod` and `math.exp`, whose bits differ between hosts, have no place here.
"""

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
