"""One kernel instance with one model loaded, as a host offers it (docs/kernel.md)."""

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from ..candidates.layout import Packed

Bytes: TypeAlias = bytes | memoryview
"""Bytes, or a view of some."""

BLOCK_BYTES: Final = 73_792
RESULT_BYTES: Final = 5_440

RESIDENT: Final = 0
OF_REQUEST: Final = 1
"""Sets of candidates."""


class Host(Protocol):
    """One kernel instance with one model loaded (docs/kernel.md; hosts/ implements it)."""

    block: memoryview
    """The request block, writable, `BLOCK_BYTES` long."""
    result: memoryview
    """The result block, `RESULT_BYTES` long."""
    run: Callable[[], int]
    """Does what the request block says; negative on failure."""

    def reserve(self, which: int, capacity: int, dimension: int, format: int) -> int:
        """Make room for candidates in a set; negative on failure, which leaves it as it was.

        The attributes above may be others afterwards.
        """

    def write(self, first: int, n: int, rows: Bytes, columns: Bytes) -> int:
        """Put resident candidates into their room and commit them; negative on failure.

        Args:
            first: where the first one goes.
            n: how many.
            rows: bytes of their vectors, each of `row_bytes`.
            columns: bytes of their columns, joined; the sum of `COLUMN_BYTES` each.
        """

    def run_packed(self, packed: Packed) -> int:
        """Do what the request block says with these candidates; negative on failure.

        There is at least one, and room for them is reserved in the set `OF_REQUEST`. Their vectors
        go to the kernel in parts that stay in the processor's cache (docs/kernel.md, section 8).
        """
