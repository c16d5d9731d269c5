"""Answers of an upstream that speaks messages, as they come; what it signed gets its mark."""

from collections.abc import Mapping
from typing import Any

from ...http.api_error import ApiError
from ...http.json_text import dump_compact
from ...upstream.call import WholeAnswer, parse_answer
from ...upstream.fault import FaultKind, UpstreamFault
from ...upstream.sse import encode_event
from ...upstream.usage import Usage
from .error import build_error
from .thoughts import mark_block
from .wire import count_usage, read_counts


def mark_answer(answer: WholeAnswer, mark: str) -> bytes:
    """The body of a message; byte for byte the upstream's unless it holds thinking."""
    blocks = [one for one in answer.value["content"] if isinstance(one, dict)]
    is_marked = [mark_block(block, mark) for block in blocks]
    return dump_compact(answer.value) if any(is_marked) else answer.body


class NativeMessageEvents:
    """The events of a streamed message as they come.

    Args:
        mark: the upstream's.
    """

    def __init__(self, mark: str) -> None:
        self.usage: Usage | None = None
        self.is_over = False
        self._mark = mark
        self._counts: dict[str, Any] = {}

    def read(self, data: bytes) -> list[bytes]:
        """The event itself, by the name of its type."""
        value = parse_answer(data, {})
        kind = value.get("type")
        if not isinstance(kind, str) or not kind.isprintable():
            raise UpstreamFault(FaultKind.GARBAGE)
        if kind in ("message_start", "message_delta"):
            self._add_usage(value)
        elif kind == "message_stop":
            self.is_over = True
        elif _mark_event(value, self._mark):
            data = dump_compact(value)
        return [encode_event(data, kind)]

    def finish(self) -> list[bytes]:
        """Nothing: without `message_stop` a message is not whole."""
        raise UpstreamFault(FaultKind.CUT)

    def fail(self, error: ApiError) -> list[bytes]:
        """The event that names the error."""
        return [encode_event(dump_compact(build_error(error)), "error")]

    def _add_usage(self, value: Mapping[str, Any]) -> None:
        """Counts are totals; what the last event leaves out, the first one said.

        Some servers send the prompt's tokens as 0 with the last event.
        """
        for name, count in (read_counts(value) or {}).items():
            self._counts[name] = count or self._counts.get(name, 0)
            self.usage = count_usage(self._counts)


def _mark_event(value: dict[str, Any], mark: str) -> bool:
    """Put the mark on a signature that an event carries; False where it carries none."""
    delta: Any = value.get("delta")
    block = value.get("content_block")
    is_signed = isinstance(delta, dict) and delta.get("type") == "signature_delta"
    if is_signed and isinstance(delta.get("signature"), str) and delta["signature"]:
        delta["signature"] += mark
        return True
    return isinstance(block, dict) and mark_block(block, mark)
