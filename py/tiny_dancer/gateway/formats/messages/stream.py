"""A streamed chat as the events of a streamed message.

The order is that of the API: `message_start`; for each block `content_block_start`, its deltas,
`content_block_stop`; `message_delta` with the reason and the usage; `message_stop`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ...http.api_error import ApiError
from ...http.json_text import dump_compact
from ...upstream.sse import encode_event
from ..chat_answer import ChatUsage
from ..chat_chunk import Chunk
from ..parts import Begin, End, Kind, Parts, Piece, Step
from .answer import build_usage, find_reason, start_message, wants_thinking
from .error import build_error

_DELTAS: Final = {
    Kind.REASONING: ("thinking_delta", "thinking"),
    Kind.TEXT: ("text_delta", "text"),
    Kind.REFUSAL: ("text_delta", "text"),
    Kind.CALL: ("input_json_delta", "partial_json"),
}


class MessageEvents:
    """Makes the events of a message.

    Args:
        request: what the client asked for.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._wants_thinking = wants_thinking(request)
        self._parts = Parts()
        self._has_begun = False
        self._index = -1
        self._finish_reason = ""
        self._usage = ChatUsage()
        self._is_refused = False

    def feed(self, chunk: Chunk) -> list[bytes]:
        """The events that a chunk makes."""
        out = self._begin(chunk.id, chunk.model)
        self._finish_reason = chunk.finish_reason or self._finish_reason
        self._usage = chunk.usage or self._usage
        for step in self._parts.feed(chunk):
            out += self._tell(step)
        return out

    def finish(self) -> list[bytes]:
        """The events that end the message."""
        out = self._begin("", "")
        for step in self._parts.finish():
            out += self._tell(step)
        delta = {"stop_reason": self._find_reason(), "stop_sequence": None}
        out.append(encode("message_delta", delta=delta, usage=build_usage(self._usage)))
        out.append(encode("message_stop"))
        return out

    def fail(self, error: ApiError) -> list[bytes]:
        """The event that names the error."""
        return [encode_event(dump_compact(build_error(error)), "error")]

    def _begin(self, answer_id: str, model: str) -> list[bytes]:
        if self._has_begun:
            return []
        self._has_begun = True
        return [encode("message_start", message=start_message(answer_id, model))]

    def _find_reason(self) -> str:
        if self._is_refused:
            return "refusal"
        if self._parts.has_calls and self._finish_reason in ("stop", ""):
            return "tool_use"  # some servers say so behind calls of tools
        return find_reason(self._finish_reason)

    def _tell(self, step: Step) -> list[bytes]:
        if step.kind is Kind.REASONING and not self._wants_thinking:
            return []
        self._is_refused = self._is_refused or step.kind is Kind.REFUSAL
        match step:
            case Begin():
                self._index += 1
                block = _start_block(step)
                return [encode("content_block_start", index=self._index, content_block=block)]
            case Piece():
                kind, name = _DELTAS[step.kind]
                delta = {"type": kind, name: step.text}
                return [encode("content_block_delta", index=self._index, delta=delta)]
            case End():
                return [encode("content_block_stop", index=self._index)]


def encode(kind: str, **fields: Any) -> bytes:
    """An event of this type."""
    return encode_event(dump_compact({"type": kind, **fields}), kind)


def _start_block(step: Begin) -> dict[str, Any]:
    if step.kind is Kind.CALL:
        return {"type": "tool_use", "id": step.id, "name": step.name, "input": {}}
    if step.kind is Kind.REASONING:
        return {"type": "thinking", "thinking": "", "signature": ""}
    return {"type": "text", "text": ""}
