"""What a candidate's description becomes when it is registered (docs/kernel.md, section 8).

Pure functions that use the four operations and exact scaling alone: no libm, so every host gets
the same bits.
"""

from array import array
from collections.abc import Mapping
from math import floor, frexp
from typing import Final

from .layout import MAX_PAIR_BITS

_LARGEST_INT8: Final = 127
_FIRST: Final = -(1 << 31)
_LAST: Final = (1 << 31) - 1
"""Bounds of i32."""


def int8_row(numbers: "array[float]") -> "array[int]":
    """The vector as int8, its largest magnitude 127.

    Args:
        numbers: finite binary32 values. A vector of zeros stays one.
    """
    largest = max(map(abs, numbers), default=0.0)
    factor = _LARGEST_INT8 / largest if largest > 0 else 0.0
    return array("b", map(round, [x * factor for x in numbers]))


def frequency(count: int, cap: int) -> float:
    """The share log₂(1 + count) / log₂(1 + cap), at most 1.

    Args:
        count: uses so far, not negative.
        cap: the count from which the share is 1; at least 1.
    """
    return 1.0 if count >= cap else log2(1 + count) / log2(1 + cap)


_SERIES: Final = tuple(2.8853900817779268 / (2 * k + 1) for k in reversed(range(10)))
"""Coefficients of log₂ m = Σ 2 / ((2k + 1) ln 2) · s^(2k+1), highest power first."""

_ROOT_HALF: Final = 0.7071067811865476


def log2(x: float) -> float:
    """The binary logarithm of a positive number, within 4e-16 · max(1, |log₂ x|).

    The mantissa m lies in [√½, √2), where s = (m − 1) / (m + 1) is at most 0.172 and the series
    of 2 · artanh s converges at once.
    """
    m, exponent = frexp(x)
    if m < _ROOT_HALF:
        m, exponent = 2 * m, exponent - 1
    s = (m - 1) / (m + 1)
    square, value = s * s, 0.0
    for coefficient in _SERIES:
        value = value * square + coefficient
    return exponent + value * s


def seconds(time: float) -> int:
    """Whole seconds since 1970 as the kernel takes them, held within i32 (1901 to 2038)."""
    whole = floor(time)
    if _FIRST <= whole <= _LAST:
        return whole
    return _FIRST if whole < _FIRST else _LAST


class PairBits:
    """Gives each distinct key=value pair of a set of candidates a bit, up to 128.

    A bit counts the candidates that hold it, and is free again when the last one goes. So however
    often candidates come and go, no more than 128 pairs are remembered. What bits a candidate has
    is settled when it comes: a pair that found no bit free has none as long as that candidate
    stays.
    """

    def __init__(self) -> None:
        self._bit: dict[tuple[str, str], int] = {}
        self._pair: dict[int, tuple[str, str]] = {}
        self._holders = [0] * MAX_PAIR_BITS
        self._free = list(reversed(range(MAX_PAIR_BITS)))

    def add(self, metadata: Mapping[str, str]) -> int:
        """The bits of a candidate that comes; give them to `remove` when it goes."""
        bits = 0
        for pair in metadata.items():
            bit = self._bit.get(pair)
            if bit is None:
                if not self._free:
                    continue
                bit = self._free.pop()
                self._bit[pair], self._pair[bit] = bit, pair
            self._holders[bit] += 1
            bits |= 1 << bit
        return bits

    def remove(self, bits: int) -> None:
        """Let go of the bits of a candidate that goes."""
        while bits:
            bit = bits.bit_length() - 1
            bits ^= 1 << bit
            self._holders[bit] -= 1
            if not self._holders[bit]:
                del self._bit[self._pair.pop(bit)]
                self._free.append(bit)

    def bits(self, metadata: Mapping[str, str]) -> tuple[int, int]:
        """The bits of a request's pairs, and how many pairs it has, those without a bit too."""
        found = 0
        for pair in metadata.items():
            bit = self._bit.get(pair)
            if bit is not None:
                found |= 1 << bit
        return found, len(metadata)
