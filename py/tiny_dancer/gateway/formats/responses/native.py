"""Answers of an upstream that speaks responses, as they come; what is echoed gets its mark."""

from typing import Any, Final

from ...http.api_error import ApiError
from ...http.json_text import dump_compact
from ...upstream.call import WholeAnswer, parse_answer
from ...upstream.error_body import find_error
from ...upstream.fault import FaultKind, UpstreamFault
from ...upstream.sse import encode_event
from ...upstream.usage import Usage
from .ownership import mark_item
from .wire import read_response_usage

LAST: Final = ("response.completed", "response.incomplete")


def mark_answer(answer: WholeAnswer, mark: str) -> bytes:
    """The body of a response, with the mark on its id and on those of its items."""
    value = dict(answer.value)
    _mark_response(value, mark)
    return dump_compact(value)


class NativeResponseEvents:
    """The events of a streamed response as they come.

    Args:
        mark: the upstream's.
    """

    def __init__(self, mark: str) -> None:
        self.usage: Usage | None = None
        self.is_over = False
        self._mark = mark
        self._number = -1

    def read(self, data: bytes) -> list[bytes]:
        """The event itself, by the name of its type."""
        value = parse_answer(data, {})
        kind, number = value.get("type"), value.get("sequence_number")
        if not isinstance(kind, str) or not kind.isprintable():
            raise UpstreamFault(FaultKind.GARBAGE)
        if isinstance(number, int):
            self._number = number
        response = value.get("response")
        if kind == "response.failed" and isinstance(response, dict):
            self.usage = read_response_usage(value)
            raise UpstreamFault(FaultKind.UPSTREAM_ERROR, error=find_error(response))
        if kind in LAST:
            self.is_over = True
            self.usage = read_response_usage(value)
        return [encode_event(dump_compact(value) if self._mark_event(value) else data, kind)]

    def finish(self) -> list[bytes]:
        """Nothing: without its last event a response is not whole."""
        raise UpstreamFault(FaultKind.CUT)

    def fail(self, error: ApiError) -> list[bytes]:
        """The event that names the error."""
        named = error.body["error"]
        told = {name: named[name] for name in ("code", "message", "param")}
        number = {"sequence_number": self._number + 1}
        value = {"type": "error", **number, **told, "error": named}
        return [encode_event(dump_compact(value), "error")]

    def _mark_event(self, value: dict[str, Any]) -> bool:
        """Put the mark on what an event carries; False where it carries nothing of that kind."""
        if isinstance(value.get("response"), dict):
            _mark_response(value["response"], self._mark)
            return True
        if isinstance(value.get("item_id"), str):
            value["item_id"] += self._mark
            return True
        return mark_item(value.get("item"), self._mark)


def _mark_response(response: dict[str, Any], mark: str) -> None:
    if isinstance(response.get("id"), str):
        response["id"] += mark
    output = response.get("output")
    for item in output if isinstance(output, list) else ():
        mark_item(item, mark)
