"""The text of a state: what questions are asked about, and what is scored. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import InvalidInputError
from ..turns import join_short_turns

MAX_DEPTH: Final = 32
"""Lists and messages inside one another."""

USER_ROLES: Final = ("user", "human")

MEDIA: Final = {
    "image": "vision",
    "image_url": "vision",
    "input_image": "vision",
    "image_file": "vision",
    "image-data": "vision",
    "image-url": "vision",
    "image-file-id": "vision",
    "video": "vision",
    "video_url": "vision",
    "input_video": "vision",
    "audio": "audio",
    "audio_url": "audio",
    "input_audio": "audio",
    "media": "files",
    "text-plain": "files",
    "file": "files",
    "input_file": "files",
    "file-data": "files",
    "file-url": "files",
    "file-id": "files",
    "document": "files",
}
"""Types of parts that are no text, and what reading them takes."""

RESULTS: Final = {
    "tool_result": "content",
    "function_call_output": "output",
    "custom_tool_call_output": "output",
    "tool-result": "output",
    "content": "value",
}
"""Types of tools' results, and of what AI SDK has inside one, with the field of their parts."""


@dataclass(frozen=True, slots=True)
class State:
    """What a state says.

    Attributes:
        text: that is scored: the last user turn where it holds messages, else all of it.
        needs: of `vision`, `audio` and `files`, where it holds what is no text; in every message,
            since all of them go to the model.
    """

    text: str
    needs: frozenset[str] = frozenset()


def read_state(value: Any) -> State:
    """The state of a text, of parts, of messages, or of any other JSON, which is read as text.

    Args:
        value: a text; a list of parts or messages, or `{"messages": [...]}`; any other JSON value.
            A message has `role` and `content`. A part is a text, or has `type` and `text`.

    Raises:
        InvalidInputError: it is nested too deeply.
    """
    items = value.get("messages", value) if isinstance(value, Mapping) else value
    if _is_message(items):
        items = [items]
    if isinstance(items, list | tuple) and any(_is_message(item) for item in items):
        turns = [
            "\n".join(_list_texts(item.get("content")))
            for item in items
            if _is_message(item) and item["role"] in USER_ROLES
        ]
        return State((join_short_turns(turns) or ("",))[-1], frozenset(_list_needs(items)))
    return State("\n".join(_list_texts(value)), frozenset(_list_needs(value)))


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("role"), str) and "content" in value


def _is_text(part: Mapping[str, Any]) -> bool:
    return isinstance(part.get("type"), str) and isinstance(part.get("text"), str)


def _list_texts(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts of a value, without its parts that are none."""
    if depth > MAX_DEPTH:
        raise InvalidInputError(f"state: at most {MAX_DEPTH} lists inside one another are read")
    if value is None:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _list_texts(part, depth + 1)
    elif isinstance(value, Mapping) and _is_text(value):
        yield value["text"]
    elif isinstance(value, Mapping) and _find_need(value):
        return
    elif isinstance(value, Mapping) and value.get("type") in ("json", "input_json"):
        yield _write(value.get("value", value.get("data")))
    else:
        yield _write(value)


def _list_needs(value: Any, depth: int = 0) -> Iterator[str]:
    """What reading the parts of messages takes, and of tools' results among them."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list | tuple):
        for part in value:
            yield from _list_needs(part, depth + 1)
    elif _is_message(value):
        yield from _list_needs(value["content"], depth + 1)
    elif isinstance(value, Mapping):
        if need := _find_need(value):
            yield need
        elif isinstance(kind := value.get("type"), str) and kind in RESULTS:
            yield from _list_needs(value.get(RESULTS[kind]), depth + 1)


def _find_need(part: Mapping[str, Any]) -> str | None:
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in MEDIA or _is_text(part):
        return None
    media = str(part.get("mediaType", part.get("mime_type", ""))).partition("/")[0]
    return MEDIA.get(media, MEDIA[kind])


def _write(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise InvalidInputError("state: a text or a value of JSON is needed") from None
