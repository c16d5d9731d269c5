"""How candidates lie in a scorer's memory: formats, bounds, padding, the bytes of each column."""

from array import array
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

Buffer: TypeAlias = "bytes | bytearray | memoryview | array[float] | array[int]"
"""Anything contiguous whose bytes can be read."""

F32_ROWS: Final = 0
INT8_ROWS: Final = 1
"""Formats of candidates' vectors."""

MAX_CANDIDATES: Final = 65_536
MAX_PAIR_BITS: Final = 128
"""Distinct key=value pairs that overlap can count."""

COLUMN_BYTES: Final = (4, 16, 4, 4)
"""What a candidate takes of each column: created, pairs, frequency, success."""

_ROW_PADDING: Final = 16


class Packed:
    """Candidates as a scorer takes them.

    Args:
        n: how many.
        dimension: numbers in each vector, 1 to `MAX_DIMENSION`.
        format: `F32_ROWS` or `INT8_ROWS`.
        rows: the vectors one after the other, n · dimension numbers of that format; they are read
            anew at each request.
        columns: what `columns` packs, 28 n bytes.

    Attributes:
        bound: where a host keeps what ties it to these vectors.

    Raises:
        ValueError: rows or columns have another length.
    """

    __slots__ = ("__weakref__", "_padded", "bound", "columns", "dimension", "format", "n", "rows")

    def __init__(self, n: int, dimension: int, format: int, rows: Buffer, columns: Buffer) -> None:
        self.n, self.dimension, self.format = n, dimension, format
        self.rows = memoryview(rows).cast("B")
        self.columns = memoryview(columns).cast("B")
        self.bound: Any = None
        size = n * dimension * number_bytes(format)
        if len(self.rows) != size or len(self.columns) != n * sum(COLUMN_BYTES):
            raise ValueError(
                f"candidates: {n} of {dimension} numbers take {size} bytes of rows and "
                f"{n * sum(COLUMN_BYTES)} of columns, not {len(self.rows)} and {len(self.columns)}"
            )
        self._padded = self.rows
        if dimension != padded(dimension):
            self._padded = memoryview(bytearray(n * row_bytes(dimension, format)))

    def padded_rows(self) -> memoryview:
        """The vectors as the kernel takes them, zeros behind each; always the same buffer."""
        rows, out = self.rows, self._padded
        if out is not rows:
            size = self.dimension * number_bytes(self.format)
            width = row_bytes(self.dimension, self.format)
            for i in range(self.n):
                out[i * width : i * width + size] = rows[i * size : (i + 1) * size]
        return out


def columns(
    created: Iterable[int],
    pairs: Iterable[int],
    frequency: Iterable[float],
    success: Iterable[float],
) -> bytes:
    """Everything of candidates but their vectors: four arrays, joined in this order.

    Args:
        created: seconds since 1970, i32.
        pairs: the bits of its key=value pairs, below 2**`MAX_PAIR_BITS`.
        frequency: in [0, 1], rounded to f32 here.
        success: in [0, 1], rounded to f32 here.
    """
    bits = b"".join([bits.to_bytes(16, "little") for bits in pairs])
    shares = array("f", frequency).tobytes() + array("f", success).tobytes()
    return array("i", created).tobytes() + bits + shares


def number_bytes(format: int) -> int:
    """Bytes of one number of a vector."""
    return 4 if format == F32_ROWS else 1


def padded(dimension: int) -> int:
    """Numbers in a row of this dimension, the zeros behind it included."""
    return dimension + -dimension % _ROW_PADDING


def row_bytes(dimension: int, format: int) -> int:
    """Bytes of a candidate's vector in the kernel, padded."""
    return padded(dimension) * number_bytes(format)
