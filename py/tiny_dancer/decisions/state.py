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
    "document": "files",
}
"""Types of parts that are no text, and what reading them takes."""


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
    needs: set[str] = set()
    items = value.get("messages", value) if isinstance(value, Mapping) else value
    if _is_message(items):
        items = [items]
    if isinstance(items, list | tuple) and any(_is_message(item) for item in items):
        turns = [
            "\n".join(_list_texts(item.get("content"), needs))
            for item in items
            if _is_message(item) and item["role"] in USER_ROLES
        ]
        for item in items:
            if _is_message(item):
                _note_media(item["content"], needs)
        return State((join_short_turns(turns) or ("",))[-1], frozenset(needs))
    return State("\n".join(_list_texts(value, needs)), frozenset(needs))


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("role"), str) and "content" in value


def _is_text(part: Mapping[str, Any]) -> bool:
    return isinstance(part.get("type"), str) and isinstance(part.get("text"), str)


def _list_texts(value: Any, needs: set[str], depth: int = 0) -> Iterator[str]:
    """The texts of a value; what its other parts take to be read is added to `needs`."""
    if depth > MAX_DEPTH:
        raise InvalidInputError(f"state: at most {MAX_DEPTH} lists inside one another are read")
    if value is None:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _list_texts(part, needs, depth + 1)
    elif isinstance(value, Mapping) and _is_text(value):
        yield value["text"]
    elif isinstance(value, Mapping) and (need := _find_need(value)):
        needs.add(need)
    elif isinstance(value, Mapping) and value.get("type") in ("json", "input_json"):
        yield _write(value.get("value", value.get("data")))
    else:
        yield _write(value)


def _note_media(value: Any, needs: set[str], depth: int = 0) -> None:
    """Add what is needed to read the parts of a message, and of a tool's result in it."""
    if isinstance(value, list | tuple) and depth <= MAX_DEPTH:
        for part in value:
            _note_media(part, needs, depth + 1)
    elif isinstance(value, Mapping):
        if need := _find_need(value):
            needs.add(need)
        elif value.get("type") == "tool_result":
            _note_media(value.get("content"), needs, depth + 1)


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
