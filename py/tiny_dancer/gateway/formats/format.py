"""The formats that a request can have, and telling them apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..http.api_error import ApiError
from ..routing.conversation import Conversation, read_chat
from .messages.conversation import read_messages
from .responses.conversation import read_responses


@dataclass(frozen=True, slots=True)
class Format:
    """One of the formats.

    Attributes:
        name: as `upstreams[].api` has it.
        path: of an upstream's endpoint behind its base URL; ours is `/v1/` and the same.
        read: from a body to the conversation that is routed.
    """

    name: str
    path: str
    read: Callable[[Mapping[str, Any]], Conversation]


CHAT: Final = Format("chat", "chat/completions", read_chat)
MESSAGES: Final = Format("messages", "messages", read_messages)
RESPONSES: Final = Format("responses", "responses", read_responses)

FORMATS: Final = {one.name: one for one in (CHAT, MESSAGES, RESPONSES)}

_BLOCKS: Final = ("tool_use", "tool_result", "thinking", "redacted_thinking", "document")
"""Types of content that messages have and chat has not."""


def find_format(body: Mapping[str, Any], name: str | None = None) -> Format:
    """The format of a whole request.

    Args:
        body: of the request.
        name: the format, where the caller says it; else the shape decides, and `chat` where
            the shape is that of chat and messages alike.

    Raises:
        ApiError: 400 for a name or a shape that is none of a format.
    """
    if name is not None:
        if name not in FORMATS:
            raise ApiError(400, f"format: one of {', '.join(FORMATS)} is needed.", param="format")
        return FORMATS[name]
    if "input" in body:
        return RESPONSES
    if "messages" not in body:
        raise ApiError(400, "Body: messages or input is needed.")
    return MESSAGES if _has_shape_of_messages(body) else CHAT


def _has_shape_of_messages(body: Mapping[str, Any]) -> bool:
    if any(name in body for name in ("system", "stop_sequences", "output_config")):
        return True
    tools, messages = body.get("tools"), body.get("messages")
    if any("input_schema" in one for one in _list_objects(tools)):
        return True
    return any(
        block.get("type") in _BLOCKS or (block.get("type") == "image" and "source" in block)
        for message in _list_objects(messages)
        for block in _list_objects(message.get("content"))
    )


def _list_objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
