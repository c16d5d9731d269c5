"""What a message or a response says, as the same `Reply` that a chat becomes."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..http.json_text import parse_object
from ..upstream.sse import Comment, EventSplitter
from .reply import Call, Reply

_ENDINGS: Final = {"max_tokens": "length", "max_output_tokens": "length", "refusal": "refusal"}
"""A chat's word for why an answer ended, where it matters."""


def read_message(answer: Mapping[str, Any]) -> Reply | None:
    """A message; None where it has no content."""
    if not isinstance(answer.get("content"), list):
        return None
    blocks = _list_objects(answer["content"])
    reason = answer.get("stop_reason")
    return Reply(
        "".join(_take_text(block) for block in blocks if block.get("type") == "text"),
        tuple(
            (_text_of(block.get("name")), json.dumps(block.get("input")))
            for block in blocks
            if block.get("type") == "tool_use"
        ),
        _ENDINGS.get(reason, reason) if isinstance(reason, str) else None,
        reason == "refusal",
    )


def read_streamed_message(data: bytes) -> Reply | None:
    """The message whose pieces the events of a stream hold; None where none begins."""
    blocks: dict[int, dict[str, Any]] = {}
    inputs: dict[int, str] = {}
    reason, has_begun = None, False
    for event in _read_events(data):
        kind, index = event.get("type"), event.get("index")
        has_begun = has_begun or kind == "message_start"
        delta = event.get("delta")
        if kind == "message_delta" and isinstance(delta, dict):
            reason = delta.get("stop_reason") or reason
        if not isinstance(index, int):
            continue
        if kind == "content_block_start" and isinstance(event.get("content_block"), dict):
            blocks[index] = dict(event["content_block"])
        elif kind == "content_block_delta" and isinstance(delta, dict) and index in blocks:
            text = _take_text(blocks[index]) + _take_text(delta)
            blocks[index]["text"] = text
            inputs[index] = inputs.get(index, "") + _text_of(delta.get("partial_json"))
    for index, text in inputs.items():
        if text:
            blocks[index]["input"] = _parse(text)
    if not has_begun:
        return None
    return read_message({"content": list(blocks.values()), "stop_reason": reason})


def read_response(answer: Mapping[str, Any]) -> Reply | None:
    """A response; None where it has no output."""
    if not isinstance(answer.get("output"), list):
        return None
    items = _list_objects(answer["output"])
    parts = [part for item in items for part in _list_objects(item.get("content"))]
    details = answer.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    return Reply(
        "".join(_take_text(part) for part in parts if part.get("type") == "output_text"),
        tuple(_list_calls(items)),
        _ENDINGS.get(reason, reason) if isinstance(reason, str) else None,
        reason == "content_filter" or any(part.get("type") == "refusal" for part in parts),
    )


def read_streamed_response(data: bytes) -> Reply | None:
    """The response that the last event of a stream carries; None where there is none."""
    last = None
    for event in _read_events(data):
        if event.get("type") in ("response.completed", "response.incomplete"):
            last = event.get("response")
    return read_response(last) if isinstance(last, dict) else None


def _list_calls(items: Iterable[Mapping[str, Any]]) -> Iterator[Call]:
    for item in items:
        if item.get("type") == "function_call":
            yield _text_of(item.get("name")), _text_of(item.get("arguments"))


def _read_events(data: bytes) -> Iterator[dict[str, Any]]:
    splitter = EventSplitter(len(data) + 1)
    for event in (*splitter.feed(data), *splitter.finish()):
        if isinstance(event, Comment):
            continue
        try:
            yield parse_object(event)
        except ValueError:
            continue


def _parse(text: str) -> Any:
    """The value of a JSON text; the text itself where it is none, which no schema takes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _take_text(part: Mapping[str, Any]) -> str:
    return _text_of(part.get("text"))


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list_objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
