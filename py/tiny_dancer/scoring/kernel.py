"""The kernel's two blocks: writes a request, runs it, reads the result. Knows no host."""

from collections.abc import Callable
from struct import Struct
from threading import Lock
from typing import Final, Protocol

from ..errors import KernelError
from .protocol import TextScore

BLOCK_BYTES: Final = 73_792
RESULT_BYTES: Final = 3_072

_HEADER_BYTES: Final = 64
_TEXT: Final = 1
_HEAD_INPUTS: Final = 8
_TOKEN_IDS: Final = 16
_DECISION_BYTES: Final = 256
_HEAD_INPUTS_AT: Final = 256
_TOKEN_IDS_AT: Final = 1024


class Host(Protocol):
    """One kernel instance with one model loaded (docs/kernel.md; hosts/ implements it)."""

    block: memoryview
    """The request block, writable, `BLOCK_BYTES` long."""
    result: memoryview
    """The result block, `RESULT_BYTES` long."""
    run: Callable[[], int]
    """Does what the request block says; negative on failure."""


class KernelScorer:
    """Scores text through a host's kernel.

    Args:
        host: a kernel with the model loaded.
        n_models: number of models of that bundle.
    """

    kind = "kernel"

    def __init__(self, host: Host, n_models: int) -> None:
        """Bind the views once; a request then touches no attribute of the host."""
        self._host = host
        self._run = host.run
        self._words = host.block[:_HEADER_BYTES].cast("I")
        self._text = host.block[_HEADER_BYTES:]
        self._result = host.result
        padding = 4 * (16 - n_models)
        self._layout = Struct(
            f"<4x5I40x{n_models}f{padding}x{n_models}f{padding}x{n_models}f"
        ).unpack_from
        self._cuts = (5, 5 + n_models, 5 + 2 * n_models)
        self._lock = Lock()

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
            want = RESULT_BYTES
        n = len(text)
        words = self._words
        with self._lock:
            self._text[:n] = text
            words[0] = _HEADER_BYTES + n
            words[1] = want
            words[2] = flags
            words[3] = n
            words[4] = _HEADER_BYTES
            status = self._run()
            if status < 0:
                raise KernelError(f"kernel: a run of {n} bytes returned {status}")
            values = self._layout(self._result)
            extra = bytes(self._result) if want == RESULT_BYTES else b""
        a, b, c = self._cuts
        n_tokens, n_seen, n_unknown, result_flags, surprisal = values[:5]
        return TextScore(
            n_tokens,
            n_seen,
            n_unknown,
            result_flags,
            surprisal,
            values[a:b],
            values[b:c],
            values[c:],
            _floats(extra) if head_inputs else (),
            _ids(extra, n_tokens) if token_ids else (),
        )


def _floats(result: bytes) -> tuple[float, ...]:
    (count,) = Struct("<I").unpack_from(result, 28)
    return Struct(f"<{count}f").unpack_from(result, _HEAD_INPUTS_AT)


def _ids(result: bytes, n: int) -> tuple[int, ...]:
    return Struct(f"<{n}I").unpack_from(result, _TOKEN_IDS_AT)
