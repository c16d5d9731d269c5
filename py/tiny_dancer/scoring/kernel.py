"""The kernel's two blocks: writes a request, runs it, reads the result. Knows no host."""

from array import array
from struct import Struct
from threading import Lock
from typing import Final, NamedTuple

from ..candidates.layout import MAX_CANDIDATES, Buffer, Packed
from ..candidates.pool import CandidatePool
from ..errors import InvalidInputError, KernelError
from ..model.spec import CUES
from .host import OF_REQUEST, RESIDENT, RESULT_BYTES, Host
from .protocol import Ranking, RequestScore, TextScore

_HEADER_BYTES: Final = 64
_HEADER_WORDS: Final = 16
_NOW: Final = 9
"""Word of the header."""
_HEADER: Final = Struct("<9Ii16s2I").pack_into
_TEXT_HEADER: Final = Struct("<5I").pack_into
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
_ROW_BYTES: Final = Ranking.ROW_BYTES
_LEAST_ROOM: Final = 64

_new: Final = tuple.__new__
"""Makes a named tuple in half the time."""


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
        decision = "<4x5I40x" + 3 * f"{n_models}f{4 * (16 - n_models)}x"  # `_DECISION_BYTES`
        inputs_bytes = 4 * (2 * hidden + CUES)
        self._layout = Struct(f"{decision}0s0s").unpack_from  # neither head inputs nor token ids
        self._layout_with_inputs = Struct(f"{decision}{inputs_bytes}s0s").unpack_from
        self._hidden = hidden
        self._inputs_end = _HEAD_INPUTS_AT + inputs_bytes
        self._shapes = {RESIDENT: _Shape(0, 0, 0), OF_REQUEST: _Shape(0, 0, 0)}
        self._lock = Lock()

    def _bind(self) -> None:
        host = self._host
        self._run = host.run
        self._run_packed = host.run_packed
        self._block = host.block
        self._text = host.block[_HEADER_BYTES:]
        self._head = host.block[:_HEADER_BYTES]
        self._numbers = host.block.cast("f")
        self._now = host.block.cast("i")[_NOW : _NOW + 1]
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
            flags, want = self._more_of_the_text(flags, head_inputs, token_ids)
        n = len(text)
        with self._lock:
            self._text[:n] = text
            _TEXT_HEADER(self._block, 0, _HEADER_BYTES + n, want, flags, n, _HEADER_BYTES)
            status = self._run()
            if status < 0:
                raise KernelError(f"kernel: a run of {n} bytes returned {status}")
            if want > _DECISION_BYTES:
                return self._text_score(flags)
            return _new(TextScore, self._layout(self._result))

    def _more_of_the_text(self, flags: int, head_inputs: bool, token_ids: bool) -> tuple[int, int]:
        """Flags that ask for these too, and the bytes of the result that hold them."""
        flags |= _HEAD_INPUTS * head_inputs | _TOKEN_IDS * token_ids
        return flags, _ROWS_AT if token_ids else self._inputs_end

    def _text_score(self, flags: int) -> TextScore:
        """Read from the result, with all that the flags asked for."""
        values = (self._layout_with_inputs if flags & _HEAD_INPUTS else self._layout)(self._result)
        if flags & _TOKEN_IDS:
            ids = Struct(f"<{values[0]}I").unpack_from(self._result, _TOKEN_IDS_AT)
            values = (*values[:-1], ids)
        return _new(TextScore, values)

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
            InvalidInputError: as `Scorer.write` says.
        """
        with self._lock:
            shape = self._shapes[RESIDENT]
            ours = (packed.dimension, packed.format)
            if ours != shape[1:] or not 0 <= first <= shape.capacity - packed.n:
                raise ValueError(f"{packed.n} candidates from {first} on do not fit {shape}")
            status = self._host.write(first, packed.n, packed.padded_rows(), packed.columns)
            if status < 0:
                raise _failure(status)

    def score_request(
        self,
        pool: CandidatePool,
        query: "Buffer | None",
        now: int,
        text: bytes | None = None,
        *,
        head_inputs: bool = False,
        token_ids: bool = False,
    ) -> RequestScore:
        """Score candidates, and the text where there is one, as the protocol says."""
        packed = pool.packed
        with self._lock:
            if packed is not None:
                self._make_room(packed)
            if query is not None:
                self._numbers[_HEADER_WORDS : _HEADER_WORDS + pool.dimension] = query
            self._head[:] = pool.head or _make_head(pool)
            self._now[0] = now
            flags = _CANDIDATES
            if text is not None:
                flags = self._add_text(pool, query, text, head_inputs, token_ids)
            status = self._run() if packed is None or not pool.n else self._run_packed(packed)
            if status < 0:
                raise _failure(status)
            end = _ROWS_AT + _ROW_BYTES * min(pool.k, pool.n)
            ranking = Ranking(self._result[_ROWS_AT:end].tobytes())
            if text is None:
                return _new(RequestScore, (None, ranking))
            return _new(RequestScore, (self._text_score(flags), ranking))

    def _add_text(
        self,
        pool: CandidatePool,
        query: "Buffer | None",
        text: bytes,
        head_inputs: bool,
        token_ids: bool,
    ) -> int:
        """Write the text behind the query; the flags of the request."""
        flags = _CANDIDATES | _TEXT | _START_FROM_TEXT * pool.start_from_text
        flags, _ = self._more_of_the_text(flags, head_inputs, token_ids)
        if query is None:
            flags |= _QUERY_FROM_TEXT
        at = _HEADER_BYTES + 4 * pool.dimension
        end = at + len(text)
        self._block[at:end] = text
        want = _ROWS_AT + _ROW_BYTES * pool.k
        _TEXT_HEADER(self._block, 0, end, want, flags, len(text), at)
        return flags

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

    def _make_room(self, packed: Packed) -> None:
        """For the candidates of a request, more than they need: it is seldom made."""
        shape = self._shapes[OF_REQUEST]
        if shape[1:] != (packed.dimension, packed.format) or packed.n > shape.capacity:
            capacity = min(max(packed.n + packed.n // 4, _LEAST_ROOM), MAX_CANDIDATES)
            self._reserve(OF_REQUEST, _Shape(capacity, packed.dimension, packed.format))

    def _reserve(self, which: int, shape: _Shape) -> None:
        if self._host.reserve(which, *shape) < 0:
            raise InvalidInputError(
                f"candidates: there is no room for {shape.capacity} of {shape.dimension} numbers"
            )
        self._bind()
        self._shapes[which] = shape


def _failure(status: int) -> Exception:
    if status == _NOT_FINITE:
        return InvalidInputError(
            "candidates or query: a vector is not finite or its sum of squares not below 3e38, "
            "or a share lies outside [0, 1]"
        )
    return KernelError(f"kernel: a run returned {status}")


def _make_head(pool: CandidatePool) -> bytes:
    """The head of every request with this pool and without text; its time is 0."""
    end, buffer = _HEADER_BYTES + 4 * pool.dimension, bytearray(_HEADER_BYTES)
    _HEADER(
        buffer, 0, end, _ROWS_AT + _ROW_BYTES * pool.k, _CANDIDATES, 0, end, _HEADER_BYTES,
        pool.dimension, pool.n, pool.k, 0, pool.pairs.to_bytes(16, "little"), pool.n_pairs,
        RESIDENT if pool.packed is None else OF_REQUEST,
    )  # fmt: skip
    pool.head = bytes(buffer)
    return pool.head
