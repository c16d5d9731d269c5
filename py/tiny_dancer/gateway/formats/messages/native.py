"""Answers of an upstream that speaks messages, as they come; what is echoed gets its mark."""

from collections.abc import Mapping
from typing import Any

from ...http.api_error import ApiError
from ...http.json_text import dump_compact
from ...routing.mark import put_mark
from ...upstream.call import WholeAnswer, parse_answer
from ...upstream.fault import FaultKind, UpstreamFault
from ...upstream.sse import encode_event
from ...upstream.usage import Usage
from .error import build_error
from .ownership import mark_block, mark_container
from .wire import count_usage, read_counts


def mark_answer(answer: WholeAnswer, mark: str) -> bytes:
    """The body of a message; byte for byte the upstream's where a client echoes nothing of it."""
    is_marked = [mark_block(block, mark) for block in answer.value["content"]]
    is_marked.append(mark_container(answer.value, mark))
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
        self.is_over = self.is_over or kind == "message_stop"
        if _mark_event(value, self._mark):
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
    """Put the mark on what an event carries; False where it carries nothing that is echoed."""
    delta, block = value.get("delta"), value.get("content_block")
    if isinstance(delta, dict) and delta.get("type") == "signature_delta":
        return put_mark(delta, "signature", mark)
    holders = [one for one in (delta, value.get("message")) if mark_container(one, mark)]
    return mark_block(block, mark) or bool(holders)
