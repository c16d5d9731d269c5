"""The kernel's two blocks: writes a request, runs it, reads the result. Knows no host."""

from array import array
from collections.abc import Callable
from struct import Struct
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol

from ..errors import InvalidInputError, KernelError
from .protocol import (
    F32_ROWS,
    MAX_CANDIDATES,
    Buffer,
    Packed,
    Ranking,
    RequestScore,
    TextScore,
)

BLOCK_BYTES: Final = 73_792
RESULT_BYTES: Final = 5_440

RESIDENT: Final = 0
OF_REQUEST: Final = 1
"""Sets of candidates."""

COLUMN_BYTES: Final = (4, 16, 4, 4)
"""What a candidate takes of each column: created, pairs, frequency, success."""

_COLUMNS: Final = sum(COLUMN_BYTES)
_HEADER_BYTES: Final = 64
_HEADER: Final = Struct("<9Ii16s2I").pack_into
_TEXT_HEADER: Final = Struct("<5I").pack_into
_NO_CANDIDATES: Final = bytes(44)
_TEXT: Final = 1
_CANDIDATES: Final = 2
_START_FROM_TEXT: Final = 4
_HEAD_INPUTS: Final = 8
_TOKEN_IDS: Final = 16
_EMBEDDING: Final = 32
_QUERY_FROM_TEXT: Final = 64
_DECISION_BYTES: Final = 256
_HEAD_INPUTS_AT: Final = 256
_TOKEN_IDS_AT: Final = 1024
_ROWS_AT: Final = 3088
_EMBEDDING_AT: Final = 5136
_NOT_FINITE: Final = -8
_ROW_PADDING: Final = 16
_LEAST_ROOM: Final = 64


def row_bytes(dimension: int, format: int) -> int:
    """Bytes of a candidate's vector in the kernel: padded to sixteen numbers."""
    return (dimension + -dimension % _ROW_PADDING) * (4 if format == F32_ROWS else 1)


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

    def write(self, which: int, first: int, n: int, rows: memoryview, columns: memoryview) -> int:
        """Put candidates into a set and commit them; negative on failure.

        Where the set is `OF_REQUEST`, the next `run` may commit them, and return that failure.

        Args:
            which: the set, which has room for them.
            first: where the first one goes.
            n: how many.
            rows: bytes of their vectors, each of `row_bytes`.
            columns: bytes of their columns, joined; the sum of `COLUMN_BYTES` each.
        """


class _Shape(NamedTuple):
    """What a set has room for."""

    capacity: int
    dimension: int
    format: int


class KernelScorer:
    """Scores text and candidates through a host's kernel.

    Args:
        host: a kernel with the model loaded.
        n_models: number of models of that bundle.
        hidden: its numbers in a state, H.
    """

    kind = "kernel"

    def __init__(self, host: Host, n_models: int, hidden: int) -> None:
        """Bind the views once; a request then touches no attribute of the host."""
        self._host = host
        self._bind()
        padding = 4 * (16 - n_models)
        self._layout = Struct(
            f"<4x5I40x{n_models}f{padding}x{n_models}f{padding}x{n_models}f"
        ).unpack_from
        self._cuts = (5, 5 + n_models, 5 + 2 * n_models)
        self._hidden = hidden
        self._shapes = {RESIDENT: _Shape(0, 0, 0), OF_REQUEST: _Shape(0, 0, 0)}
        self._lock = Lock()

    def _bind(self) -> None:
        host = self._host
        self._run = host.run
        self._block = host.block
        self._text = host.block[_HEADER_BYTES:]
        self._result = host.result

    def score_text(
        self, text: bytes, *, head_inputs: bool = False, token_ids: bool = False
    ) -> TextScore:
        """Score UTF-8 of at most 65,536 bytes; safe to call from several threads.

        Raises:
            KernelError: the kernel failed; the scorer must not be used again.
        """
        flags, want = _TEXT, _DECISION_BYTES
        if head_inputs or token_ids:
            flags |= _HEAD_INPUTS * head_inputs | _TOKEN_IDS * token_ids
            want = _ROWS_AT
        n = len(text)
        with self._lock:
            self._text[:n] = text
            _TEXT_HEADER(self._block, 0, _HEADER_BYTES + n, want, flags, n, _HEADER_BYTES)
            status = self._run()
            if status < 0:
                raise KernelError(f"kernel: a run of {n} bytes returned {status}")
            values = self._layout(self._result)
            extra = bytes(self._result) if want == _ROWS_AT else b""
        return self._text_score(values, extra, head_inputs, token_ids)

    def _text_score(
        self, values: tuple[Any, ...], extra: bytes, head_inputs: bool, token_ids: bool
    ) -> TextScore:
        a, b, c = self._cuts
        n_tokens, n_seen, n_unknown, flags, surprisal = values[:5]
        return TextScore(
            n_tokens,
            n_seen,
            n_unknown,
            flags,
            surprisal,
            values[a:b],
            values[b:c],
            values[c:],
            _floats(extra) if head_inputs else (),
            _ids(extra, n_tokens) if token_ids else (),
        )

    def reserve(self, capacity: int, dimension: int, format: int) -> None:
        """Make room for resident candidates; those before are forgotten.

        Raises:
            InvalidInputError: there is no room for so many; those before are still there.
        """
        with self._lock:
            self._reserve(RESIDENT, _Shape(capacity, dimension, format))

    def write(self, first: int, packed: Packed) -> None:
        """Put resident candidates first … first + packed.n − 1 into the room reserved.

        Raises:
            InvalidInputError: as `CandidateScorer.write` says.
        """
        with self._lock:
            shape = self._shapes[RESIDENT]
            if packed[1:3] != shape[1:] or not 0 <= first <= shape.capacity - packed.n:
                raise ValueError(f"candidates {packed[:3]} from {first} on do not fit {shape}")
            data = _Bytes(packed)
            status = self._host.write(RESIDENT, first, data.n, data.rows, data.columns)
            if status < 0:
                raise _failure(status)

    def score_request(
        self,
        text: bytes | None,
        query: "Buffer | None",
        candidates: int | Packed,
        *,
        k: int,
        now: int,
        pairs: int = 0,
        n_pairs: int = 0,
        start_from_text: bool = True,
        head_inputs: bool = False,
        token_ids: bool = False,
    ) -> RequestScore:
        """Score candidates, and the text where there is one; safe to call from several threads.

        Raises:
            InvalidInputError: as `CandidateScorer.score_request` says.
            KernelError: the kernel failed; the scorer must not be used again.
        """
        flags = _CANDIDATES
        if text is not None:
            flags |= _TEXT | _START_FROM_TEXT * start_from_text
            flags |= _HEAD_INPUTS * head_inputs | _TOKEN_IDS * token_ids
        if query is None:
            flags |= _QUERY_FROM_TEXT
        elif type(query) is not bytes:
            query = memoryview(query).cast("B")
        if isinstance(candidates, int):
            n, packed = candidates, None
        else:
            n, packed = candidates.n, _Bytes(candidates)
        with self._lock:
            if packed is None:
                which, shape = RESIDENT, self._shapes[RESIDENT]
            else:
                which, shape = OF_REQUEST, self._room(packed)
            end = _HEADER_BYTES
            if query is not None:
                end += 4 * shape.dimension
                self._block[_HEADER_BYTES:end] = query
            text_at, size = end, 0
            if text is not None:
                size = len(text)
                end += size
                self._block[text_at:end] = text
            want = _ROWS_AT + Ranking.ROW_BYTES * k
            bits = pairs.to_bytes(16, "little")
            _HEADER(
                self._block, 0, end, want, flags, size, text_at, _HEADER_BYTES,
                shape.dimension, n, k, now, bits, n_pairs, which,
            )  # fmt: skip
            try:
                status = 0
                if packed is not None and n:
                    status = self._host.write(which, 0, n, packed.rows, packed.columns)
                if status == 0:
                    status = self._run()
                if status < 0:
                    raise _failure(status)
            finally:
                self._block[20:64] = _NO_CANDIDATES
            rows = self._result[_ROWS_AT : _ROWS_AT + Ranking.ROW_BYTES * min(k, n)].tobytes()
            if text is None:
                return RequestScore(None, Ranking(rows))
            values = self._layout(self._result)
            extra = bytes(self._result) if head_inputs or token_ids else b""
        return RequestScore(self._text_score(values, extra, head_inputs, token_ids), Ranking(rows))

    def embed(self, text: bytes) -> "array[float]":
        """The unit mean of the text's tokens, H numbers; all zero where there is no token.

        Raises:
            KernelError: the kernel failed; the scorer must not be used again.
        """
        n = len(text)
        with self._lock:
            self._text[:n] = text
            flags = _TEXT | _EMBEDDING
            _TEXT_HEADER(self._block, 0, _HEADER_BYTES + n, RESULT_BYTES, flags, n, _HEADER_BYTES)
            status = self._run()
            if status < 0:
                raise _failure(status)
            return array("f", self._result[_EMBEDDING_AT:][: 4 * self._hidden].tobytes())

    def _room(self, packed: "_Bytes") -> _Shape:
        """Room for the candidates of a request, more than they need: it is seldom made."""
        shape = self._shapes[OF_REQUEST]
        if shape[1:] != (packed.dimension, packed.format) or packed.n > shape.capacity:
            capacity = min(max(packed.n + packed.n // 4, _LEAST_ROOM), MAX_CANDIDATES)
            shape = self._reserve(OF_REQUEST, _Shape(capacity, packed.dimension, packed.format))
        return shape

    def _reserve(self, which: int, shape: _Shape) -> _Shape:
        if self._host.reserve(which, *shape) < 0:
            raise InvalidInputError(
                f"candidates: there is no room for {shape.capacity} of {shape.dimension} numbers"
            )
        self._bind()
        self._shapes[which] = shape
        return shape


class _Bytes:
    """Packed candidates as the kernel takes them: bytes, each vector padded."""

    __slots__ = ("columns", "dimension", "format", "n", "rows")

    def __init__(self, packed: Packed) -> None:
        n, dimension, format, rows, columns = packed
        self.n, self.dimension, self.format = n, dimension, format
        self.rows, self.columns = memoryview(rows).cast("B"), memoryview(columns).cast("B")
        size = dimension * (4 if format == F32_ROWS else 1)
        if len(self.rows) != n * size or len(self.columns) != n * _COLUMNS:
            raise ValueError(
                f"candidates: {n} of {dimension} numbers take {n * size} bytes of rows and "
                f"{n * _COLUMNS} of columns, not {len(self.rows)} and {len(self.columns)}"
            )
        if dimension % _ROW_PADDING:
            self.rows = _padded(self.rows, n, size, row_bytes(dimension, format))


def _padded(rows: memoryview, n: int, size: int, padded: int) -> memoryview:
    out = memoryview(bytearray(n * padded))
    for i in range(n):
        out[i * padded : i * padded + size] = rows[i * size : (i + 1) * size]
    return out


def _failure(status: int) -> Exception:
    if status == _NOT_FINITE:
        return InvalidInputError(
            "candidates or query: a vector is not finite or its sum of squares not below 3e38, "
            "or a share lies outside [0, 1]"
        )
    return KernelError(f"kernel: a run returned {status}")


def _floats(result: bytes) -> tuple[float, ...]:
    (count,) = Struct("<I").unpack_from(result, 28)
    return Struct(f"<{count}f").unpack_from(result, _HEAD_INPUTS_AT)


def _ids(result: bytes, n: int) -> tuple[int, ...]:
    return Struct(f"<{n}I").unpack_from(result, _TOKEN_IDS_AT)
