"""The kernel's two blocks: writes a request, runs it, reads the result. Knows no host."""

from array import array
from struct import Struct
from threading import Lock
from typing import Any, Final, NamedTuple

from ..candidates.layout import MAX_CANDIDATES, Buffer, Packed
from ..errors import InvalidInputError, KernelError
from ..model.spec import CUES
from .host import OF_REQUEST, RESIDENT, RESULT_BYTES, Host
from .protocol import Ranking, RequestScore, TextScore

_HEADER_BYTES: Final = 64
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
        padding = 4 * (16 - n_models)
        self._layout = Struct(
            f"<4x5I40x{n_models}f{padding}x{n_models}f{padding}x{n_models}f"
        ).unpack_from
        self._cuts = (5, 5 + n_models, 5 + 2 * n_models)
        self._hidden = hidden
        self._inputs_end = _HEAD_INPUTS_AT + 4 * (2 * hidden + CUES)
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
            want = _ROWS_AT if token_ids else self._inputs_end
        n = len(text)
        with self._lock:
            self._text[:n] = text
            _TEXT_HEADER(self._block, 0, _HEADER_BYTES + n, want, flags, n, _HEADER_BYTES)
            status = self._run()
            if status < 0:
                raise KernelError(f"kernel: a run of {n} bytes returned {status}")
            values = self._layout(self._result)
            extra = bytes(self._result[:want]) if want > _DECISION_BYTES else b""
        return self._text_score(values, extra, head_inputs, token_ids)

    def _text_score(
        self, values: tuple[Any, ...], extra: bytes, head_inputs: bool, token_ids: bool
    ) -> TextScore:
        a, b, c = self._cuts
        floats = array("f", extra[_HEAD_INPUTS_AT : self._inputs_end]) if head_inputs else ()
        ids = _ids(extra, values[0]) if token_ids else ()
        return _new(TextScore, (*values[:5], values[a:b], values[b:c], values[c:], floats, ids))

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
            InvalidInputError: as `Scorer.score_request` says.
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
            n, packed = candidates.n, candidates
        with self._lock:
            if packed is None:
                which, dimension = RESIDENT, self._shapes[RESIDENT].dimension
            else:
                which, dimension = OF_REQUEST, self._room(packed)
            block, end, size = self._block, _HEADER_BYTES, 0
            if query is not None:
                end += 4 * dimension
                block[_HEADER_BYTES:end] = query
            text_at = end
            if text is not None:
                size = len(text)
                end += size
                block[text_at:end] = text
            want = _ROWS_AT + _ROW_BYTES * k
            bits = pairs.to_bytes(16, "little")
            _HEADER(
                block, 0, end, want, flags, size, text_at, _HEADER_BYTES,
                dimension, n, k, now, bits, n_pairs, which,
            )  # fmt: skip
            status = self._host.run_packed(packed) if packed is not None and n else self._run()
            if status < 0:
                raise _failure(status)
            data = self._result[_ROWS_AT : want if k < n else _ROWS_AT + _ROW_BYTES * n].tobytes()
            if text is None:
                return _new(RequestScore, (None, Ranking(data)))
            values = self._layout(self._result)
            extra = bytes(self._result[:_ROWS_AT]) if head_inputs or token_ids else b""
        score = self._text_score(values, extra, head_inputs, token_ids)
        return _new(RequestScore, (score, Ranking(data)))

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

    def _room(self, packed: Packed) -> int:
        """Room for the candidates of a request, more than they need: it is seldom made."""
        shape = self._shapes[OF_REQUEST]
        if shape[1:] != (packed.dimension, packed.format) or packed.n > shape.capacity:
            capacity = min(max(packed.n + packed.n // 4, _LEAST_ROOM), MAX_CANDIDATES)
            self._reserve(OF_REQUEST, _Shape(capacity, packed.dimension, packed.format))
        return packed.dimension

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


def _ids(result: bytes, n: int) -> tuple[int, ...]:
    return Struct(f"<{n}I").unpack_from(result, _TOKEN_IDS_AT)
