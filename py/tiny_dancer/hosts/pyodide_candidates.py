"""Candidates' way to the kernel in Pyodide: through the glue module, or by calls of its exports."""

import weakref
from array import array
from collections.abc import Callable
from struct import Struct
from typing import Any, Final, NamedTuple

import js

from ..candidates.layout import COLUMN_BYTES, Packed, row_bytes
from ..scoring.host import OF_REQUEST, RESIDENT, Bytes

TRAPPED: Final = -128
"""What `run` returns from a kernel that trapped: this one is lost."""

_HEAD: Final = Struct("<5I")
"""Head of the staged columns; web/router/src/glue.mjs says what its words mean."""
_HEAD_BYTES: Final = 64


class _Bound(NamedTuple):
    """A request's candidates that the glue sees: the head to stage for them."""

    stage: memoryview
    release: Callable[[], object]
    columns: bytes
    """Where their columns are staged too."""
    again: bytes
    """Where the kernel has their columns already."""


class GlueCandidates:
    """Candidates through the glue: it sees their vectors, all else goes through a staged array.

    Args:
        kernel: one opened by the glue.
        run: its `run`, which takes what is staged for a request.
    """

    def __init__(self, kernel: Any, run: Callable[[], int]) -> None:
        self._kernel, self._run = kernel, run
        self._take: Callable[[], int] = kernel.take
        self._row_bytes: dict[int, int] = {}
        self._stage = memoryview(b"")
        self._head = self._stage
        self._columns_of: Callable[[], Packed | None] = _nothing

    def reserve(self, which: int, capacity: int, dimension: int, format: int) -> int:
        """Make room, as `scoring.host.Host` says."""
        status: int = self._kernel.reserve(which, capacity, dimension, format)
        if status == 0:
            self._columns_of = _nothing
            self._row_bytes[which] = row_bytes(dimension, format)
            need = _HEAD_BYTES + sum(COLUMN_BYTES) * capacity
            if need > len(self._stage):
                stage = array("B", bytes(need))
                self._kernel.stage(stage)
                self._stage = memoryview(stage)
                self._head = self._stage[: _HEAD.size]
        return status

    def write(self, first: int, n: int, rows: Bytes, columns: Bytes) -> int:
        """Copy and commit residents, as `scoring.host.Host` says."""
        size = self._row_bytes[RESIDENT]
        self._kernel.window(RESIDENT, first * size, n * size).assign(rows)
        self._stage[_HEAD_BYTES : _HEAD_BYTES + len(columns)] = columns
        _HEAD.pack_into(self._head, 0, first, n, 0, 0, 0)
        return self._take()

    def run_packed(self, packed: Packed) -> int:
        """Score the candidates of a request, as `scoring.host.Host` says."""
        bound = packed.bound
        if bound is None or bound.stage is not self._stage:
            bound = self._bind(packed)
        packed.padded_rows()
        if self._columns_of() is packed:
            self._head[:] = bound.again
        else:
            self._stage[_HEAD_BYTES : _HEAD_BYTES + len(packed.columns)] = packed.columns
            self._columns_of = weakref.ref(packed)
            self._head[:] = bound.columns
        return self._run()

    def _bind(self, packed: Packed) -> _Bound:
        """Let the glue see these vectors until the candidates are gone."""
        if packed.bound is not None:  # to another kernel, or to a stage that was too small
            packed.bound.release()
        number = self._kernel.bindRows(packed.padded_rows())
        release = weakref.finalize(packed, _release, weakref.ref(self), number)
        head = (0, packed.n, number, self._row_bytes[OF_REQUEST])
        bound = _Bound(self._stage, release, _HEAD.pack(*head, 1), _HEAD.pack(*head, 0))
        packed.bound = bound
        return bound

    def release(self, number: int) -> None:
        """Let go of vectors that were bound."""
        self._kernel.releaseRows(number)


class PlainCandidates:
    """Candidates without the glue: five copies and a call.

    Args:
        kernel: the exports of the kernel.
        renew: takes all other views anew, after the memory may have grown.
        run: does what the request block says by the call it is given.
    """

    def __init__(
        self,
        kernel: Any,
        renew: Callable[[], None],
        run: Callable[[Callable[[], int]], int],
    ) -> None:
        self._kernel, self._renew, self._run = kernel, renew, run
        self._row_bytes: dict[int, int] = {}

    def reserve(self, which: int, capacity: int, dimension: int, format: int) -> int:
        """Make room, as `scoring.host.Host` says."""
        status: int = self._kernel.td_candidates(which, capacity, dimension, format)
        if status == 0:
            self._row_bytes[which] = row_bytes(dimension, format)
            self._renew()
        return status

    def write(self, first: int, n: int, rows: Bytes, columns: Bytes) -> int:
        """Copy and commit residents, as `scoring.host.Host` says."""
        self._assign(RESIDENT, first, n, rows, columns)
        status: int = self._kernel.td_commit(RESIDENT, first, n)
        return status

    def run_packed(self, packed: Packed) -> int:
        """Score the candidates of a request, as `scoring.host.Host` says."""
        n = packed.n
        self._assign(OF_REQUEST, 0, n, packed.padded_rows(), packed.columns)
        return self._run(lambda: self._kernel.td_part(0, n))

    def _assign(self, which: int, first: int, n: int, rows: Bytes, columns: Bytes) -> None:
        self._copy(which, 0, first * self._row_bytes[which], rows)
        at = 0
        for array_, size in enumerate(COLUMN_BYTES, 1):
            self._copy(which, array_, first * size, columns[at : at + n * size])
            at += n * size

    def _copy(self, which: int, array_: int, offset: int, data: Bytes) -> None:
        address = (self._kernel.td_array(which, array_) & 0xFFFF_FFFF) + offset
        js.Uint8Array.new(self._kernel.memory.buffer, address, len(data)).assign(data)


def _release(candidates: "Callable[[], GlueCandidates | None]", number: int) -> None:
    if (found := candidates()) is not None:
        found.release(number)


def _nothing() -> None:
    """A reference to no candidates."""
