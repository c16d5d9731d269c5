"""A streamed chat as the events of a streamed response.

The order is that of the API: `response.created`, `response.in_progress`; for each item
`response.output_item.added`, its parts and deltas, `response.output_item.done`; at last
`response.completed` or `response.incomplete` with the whole response. Each has its number.
"""

from collections.abc import Mapping
from typing import Any, Final

from ...http.api_error import ApiError
from ...http.json_text import dump_compact
from ...upstream.sse import encode_event
from ..chat_answer import ChatUsage
from ..chat_chunk import Chunk
from ..parts import Begin, End, Kind, Parts, Piece, Step
from .answer import (
    ItemIds,
    Object,
    build_call,
    build_message,
    build_part,
    build_reasoning,
    end_item,
    end_response,
    start_response,
)
from .tools import Tool, map_tools

_PARTS: Final = {
    Kind.TEXT: ("output_text", "text"),
    Kind.REFUSAL: ("refusal", "refusal"),
    Kind.REASONING: ("reasoning_text", "text"),
}
"""Type of the part of each kind, which its events are named by, and the field of its text."""


class ResponseEvents:
    """Makes the events of a response.

    Args:
        request: what the client asked for.
    """

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self._tools = map_tools(request)
        self._parts = Parts()
        self._response: Object | None = None
        self._ids = ItemIds("")
        self._item: Object = {}
        self._output: list[Object] = []
        self._finish_reason = ""
        self._usage = ChatUsage()
        self._number = -1

    def feed(self, chunk: Chunk) -> list[bytes]:
        """The events that a chunk makes."""
        out = self._begin(chunk)
        self._finish_reason = chunk.finish_reason or self._finish_reason
        self._usage = chunk.usage or self._usage
        for step in self._parts.feed(chunk):
            out += self._tell(step)
        return out

    def finish(self) -> list[bytes]:
        """The events that end the response."""
        out = self._begin(Chunk())
        for step in self._parts.finish():
            out += self._tell(step)
        response = end_response(
            self._response or {}, self._output, self._finish_reason, self._usage
        )
        return [*out, self._encode(f"response.{response['status']}", response=response)]

    def fail(self, error: ApiError) -> list[bytes]:
        """The event that names the error, for those who stop at it, and the failed response."""
        named = error.body["error"]
        told = {name: named[name] for name in ("code", "message", "param")}
        out = [self._encode("error", **told, error=named)]
        if self._response is not None:
            failure = {"code": "server_error", "message": error.message}
            failed = {**self._response, "status": "failed", "error": failure}
            out.append(self._encode("response.failed", response=failed | {"output": self._output}))
        return out

    def _begin(self, chunk: Chunk) -> list[bytes]:
        if self._response is not None:
            return []
        self._ids = ItemIds(chunk.id)
        self._response = start_response(chunk.id, chunk.model, chunk.created, self._request)
        kinds = ("response.created", "response.in_progress")
        return [self._encode(kind, response=self._response) for kind in kinds]

    def _tell(self, step: Step) -> list[bytes]:
        match step:
            case Begin():
                return self._begin_item(step)
            case Piece() if step.kind is Kind.CALL:
                if self._item["type"] == "custom_tool_call":
                    return []  # its text is known once its JSON is whole
                return [self._encode_call("function_call_arguments.delta", delta=step.text)]
            case Piece():
                return [self._encode_part(f"{_PARTS[step.kind][0]}.delta", step, delta=step.text)]
            case End():
                return self._end_item(step)

    def _begin_item(self, step: Begin) -> list[bytes]:
        if step.kind is Kind.CALL:
            tool = self._tools.get(step.name, Tool(step.name))
            self._item = build_call(self._ids.draw("fc"), step.id, tool)
            return [self._encode_item("added", self._item)]
        if step.kind is Kind.REASONING:
            self._item = build_reasoning(self._ids.draw("rs"))
        else:
            is_refusal = step.kind is Kind.REFUSAL
            self._item = build_message(self._ids.draw("msg"), is_refusal=is_refusal)
        added = self._encode_item("added", {**self._item, "content": []})
        part = build_part(_PARTS[step.kind][0])
        return [added, self._encode_content("added", part)]

    def _end_item(self, step: End) -> list[bytes]:
        item = end_item(self._item, step.text)
        out = []
        if item["type"] == "custom_tool_call":
            out.append(self._encode_call("custom_tool_call_input.delta", delta=item["input"]))
            out.append(self._encode_call("custom_tool_call_input.done", input=item["input"]))
        elif item["type"] == "function_call":
            given = item["arguments"]
            out.append(
                self._encode_call(
                    "function_call_arguments.done", name=item["name"], arguments=given
                )
            )
        else:
            kind, field = _PARTS[step.kind]
            out.append(self._encode_part(f"{kind}.done", step, **{field: step.text}))
            out.append(self._encode_content("done", build_part(kind, step.text)))
        out.append(self._encode_item("done", item))
        self._output.append(item)
        return out

    def _encode_item(self, what: str, item: Object) -> bytes:
        kind = f"response.output_item.{what}"
        return self._encode(kind, output_index=len(self._output), item=item)

    def _encode_content(self, what: str, part: Object) -> bytes:
        place = {"item_id": self._item["id"], "output_index": len(self._output)}
        return self._encode(f"response.content_part.{what}", **place, content_index=0, part=part)

    def _encode_part(self, what: str, step: Step, **fields: Any) -> bytes:
        place = {"item_id": self._item["id"], "output_index": len(self._output)}
        if step.kind is Kind.TEXT:
            fields["logprobs"] = []
        return self._encode(f"response.{what}", **place, content_index=0, **fields)

    def _encode_call(self, what: str, **fields: Any) -> bytes:
        place = {"item_id": self._item["id"], "output_index": len(self._output)}
        return self._encode(f"response.{what}", **place, **fields)

    def _encode(self, kind: str, **fields: Any) -> bytes:
        """An event of this type, with the next number."""
        self._number += 1
        value = {"type": kind, "sequence_number": self._number, **fields}
        return encode_event(dump_compact(value), kind)
