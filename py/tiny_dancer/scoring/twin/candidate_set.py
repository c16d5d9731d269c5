"""Candidates as they are scored: their vectors, and what is known of each (docs/kernel.md, 8)."""

from array import array
from operator import mul
from typing import Final

from ...candidates.candidate import MAX_DIMENSION
from ...candidates.layout import (
    F32_ROWS,
    INT8_ROWS,
    MAX_CANDIDATES,
    Buffer,
    Packed,
    number_bytes,
    padded,
)
from ...errors import InvalidInputError
from .float32 import Vector, clamped, dot, inverse_root, rounded, scalar, scaled, times

SQUARE_LIMIT: Final = scalar(3e38)
"""A sum of squares is below it, so that no dot product overflows."""

_SMALLEST_QUERY: Final = scalar(1e-30)
_QUERY_LEVELS: Final = 8191.0


class CandidateSet:
    """A set of candidates of one dimension and format; all zero until written.

    Args:
        capacity: how many it holds, up to `MAX_CANDIDATES`.
        dimension: numbers in a vector, up to `MAX_DIMENSION`.
        format: `F32_ROWS` or `INT8_ROWS`.

    Raises:
        InvalidInputError: a size is outside its bound.
    """

    def __init__(self, capacity: int, dimension: int, format: int) -> None:
        if not (
            0 <= capacity <= MAX_CANDIDATES
            and 0 < dimension <= MAX_DIMENSION
            and format in (F32_ROWS, INT8_ROWS)
        ):
            raise InvalidInputError(
                f"candidates: there is no room for {capacity} of {dimension} numbers"
            )
        self.capacity = capacity
        self.dimension = dimension
        self._is_f32 = format == F32_ROWS
        self._code = "f" if self._is_f32 else "b"
        zero: Vector = array(self._code, bytes(array(self._code).itemsize))
        self._rows = [zero * padded(dimension)] * capacity
        self._inverse_norms = array("f", bytes(4 * capacity))
        self.created = array("i", bytes(4 * capacity))
        self.pairs = [0] * capacity
        self.frequency = array("f", bytes(4 * capacity))
        self.success = array("f", bytes(4 * capacity))

    @classmethod
    def of(cls, packed: Packed) -> "CandidateSet":
        """A set of just these candidates; raises as `write` does."""
        candidates = cls(packed.n, packed.dimension, packed.format)
        candidates.write(0, packed)
        return candidates

    def write(self, first: int, packed: Packed) -> None:
        """Put candidates at first, first + 1 … and keep their inverse norms.

        Raises:
            InvalidInputError: a sum of squares is not below 3e38, or a frequency or success is
                outside [0, 1]; nothing was written then.
            ValueError: they do not fit the set.
        """
        n, last = packed.n, first + packed.n
        if first < 0 or last > self.capacity or packed.dimension != self.dimension:
            raise ValueError(
                f"{n} candidates of {packed.dimension} numbers from {first} on do not fit a set of "
                f"{self.capacity} of {self.dimension}"
            )
        if n == 0:
            return
        data, columns = packed.rows, packed.columns
        size = self.dimension * number_bytes(packed.format)
        rows = [self._row(data[at : at + size]) for at in range(0, n * size, size)]
        created = columns[: 4 * n].cast("i")
        bits = columns[4 * n : 20 * n]
        frequency = columns[20 * n : 24 * n].cast("f")
        success = columns[24 * n : 28 * n].cast("f")
        inverse_norms = []
        for at, row in enumerate(rows):
            square = self._square(row)
            if not square < SQUARE_LIMIT:
                raise InvalidInputError(
                    f"candidate {first + at}: the sum of its vector's squares must be below 3e38"
                )
            if not 0 <= frequency[at] <= 1 or not 0 <= success[at] <= 1:
                raise InvalidInputError(
                    f"candidate {first + at}: frequency and success must be in [0, 1]"
                )
            inverse_norms.append(inverse_root(square))
        self._rows[first:last] = rows
        self._inverse_norms[first:last] = array("f", inverse_norms)
        self.created[first:last] = array("i", created)
        self.pairs[first:last] = [
            int.from_bytes(bits[at : at + 16], "little") for at in range(0, 16 * n, 16)
        ]
        self.frequency[first:last] = array("f", frequency)
        self.success[first:last] = array("f", success)

    def _row(self, numbers: memoryview) -> Vector:
        row: Vector = array(self._code)
        row.frombytes(numbers)
        row.extend([0] * (padded(self.dimension) - self.dimension))
        return row

    def _square(self, row: Vector) -> float:
        """The row's sum of squares; of int8 the exact one, rounded once."""
        return dot(row, row) if self._is_f32 else scalar(sum(map(mul, row, row)))

    def cosines(self, query: Vector, n: int) -> Vector:
        """The cosine of the query with each of the first n rows, within [−1, 1].

        Args:
            query: `padded(dimension)` numbers that `inverse_query_norm` accepts.
            n: number of rows.
        """
        factor = inverse_query_norm(query)
        if self._is_f32:
            dots = array("f", [dot(row, query) for row in self._rows[:n]])
        else:
            levels, step = quantised(query)
            factor = scalar(factor / step) if step else 0.0
            dots = array("f", [sum(map(mul, row, levels)) for row in self._rows[:n]])
        return clamped(times(scaled(factor, dots), self._inverse_norms[:n]), 1.0)


def inverse_query_norm(query: Vector) -> float:
    """1 / √(sum of the query's squares), 0 where that sum is 0.

    Raises:
        InvalidInputError: the query is not finite, or too large or too small for binary32 sums.
    """
    square = dot(query, query)
    largest = max(map(abs, query))
    if not (square < SQUARE_LIMIT and (largest == 0.0 or largest >= _SMALLEST_QUERY)):
        raise InvalidInputError(
            "query: finite numbers are needed, the sum of their squares below 3e38, the largest "
            "at least 1e-30 (or all zero)"
        )
    return inverse_root(square)


def quantised(query: Vector) -> tuple[list[int], float]:
    """The query in whole numbers within ±8191, and what it was multiplied by; 0 if all is zero."""
    largest = max(map(abs, query))
    if not largest:
        return [0] * len(query), 0.0
    step = scalar(_QUERY_LEVELS / largest)
    return list(map(int, rounded(scaled(step, query)))), step


def as_query(numbers: Buffer, dimension: int) -> Vector:
    """A query of this many f32 numbers, padded with zeros.

    Raises:
        ValueError: it has another length.
    """
    query = array("f")
    query.frombytes(memoryview(numbers).cast("B"))
    if len(query) != dimension:
        raise ValueError(f"the query has {len(query)} numbers, the candidates {dimension}")
    return query + array("f", bytes(4 * (padded(dimension) - dimension)))
