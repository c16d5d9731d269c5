"""The formats that a request can have, and telling them apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ..http.api_error import ApiError
from ..routing.conversation import Conversation, read_chat, read_prompt
from ..routing.pin import Pin
from ..upstream import wire
from ..upstream.call import WholeAnswer
from ..upstream.event_reader import EventReader
from ..upstream.wire import Wire
from .chat_ownership import find_chat_pin, leave_own_chat, mark_chat_answer
from .fields import Translation
from .messages.answer import translate_answer as to_message
from .messages.conversation import read_messages
from .messages.native import NativeMessageEvents
from .messages.native import mark_answer as mark_message
from .messages.ownership import find_message_pin, leave_own_message
from .messages.request import translate_request as messages_to_chat
from .messages.stream import MessageEvents
from .messages.wire import MESSAGES as MESSAGES_WIRE
from .responses.answer import translate_answer as to_response
from .responses.conversation import read_responses
from .responses.native import NativeResponseEvents
from .responses.native import mark_answer as mark_response
from .responses.ownership import find_response_pin, leave_own_response
from .responses.request import translate_request as responses_to_chat
from .responses.stream import ResponseEvents
from .responses.wire import RESPONSES as RESPONSES_WIRE
from .shape import list_objects
from .translated_events import Translator

Object: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bridge:
    """The way of a format to chat and back.

    Attributes:
        translate: from a request to the chat that asks the same.
        build_answer: from a chat's answer, and the request, to the answer.
        open_events: from the request to what makes the events of a streamed answer.
    """

    translate: Callable[[Object], Translation]
    build_answer: Callable[[Object, Object], dict[str, Any]]
    open_events: Callable[[Object], Translator]


@dataclass(frozen=True, slots=True)
class Native:
    """What a format does at an upstream that speaks it.

    Attributes:
        find_pin: what ties a request to an upstream, by how many of its messages there are from
            the user's last turn on.
        leave_own: the request as the upstream with a mark gets it, by the same number, and
            names of what only another can read and was left out.
        mark_answer: the body of a whole answer, with the mark on what a client echoes.
        open_events: from a mark to what reads a streamed answer; None for a chat's.
        headers: of the client that go along.
    """

    find_pin: Callable[[Object, int], Pin | None]
    leave_own: Callable[[Object, str, int], tuple[dict[str, Any], tuple[str, ...]]]
    mark_answer: Callable[[WholeAnswer, str], bytes]
    open_events: Callable[[str], EventReader] | None = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """One of the formats.

    Attributes:
        name: as `upstreams[].api` has it.
        wire: how an upstream that speaks it is called; our own path is `/v1/` and the same.
        read: from a body to the conversation that is routed.
        bridge: to chat; None for chat itself.
        native: what is done at an upstream that speaks it; None where nothing is.
    """

    name: str
    wire: Wire
    read: Callable[[Object], Conversation]
    bridge: Bridge | None = None
    native: Native | None = None


CHAT: Final = Format(
    "chat",
    wire.CHAT,
    read_chat,
    native=Native(find_chat_pin, leave_own_chat, mark_chat_answer),
)
COMPLETIONS: Final = Format("chat", wire.COMPLETIONS, read_prompt)
MESSAGES: Final = Format(
    "messages",
    MESSAGES_WIRE,
    read_messages,
    Bridge(messages_to_chat, to_message, MessageEvents),
    Native(
        find_message_pin,
        leave_own_message,
        mark_message,
        NativeMessageEvents,
        ("anthropic-version", "anthropic-beta"),
    ),
)
RESPONSES: Final = Format(
    "responses",
    RESPONSES_WIRE,
    read_responses,
    Bridge(responses_to_chat, to_response, ResponseEvents),
    Native(
        find_response_pin,
        leave_own_response,
        mark_response,
        NativeResponseEvents,
        ("openai-beta",),
    ),
)

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
    if any("input_schema" in one for one in list_objects(tools)):
        return True
    return any(
        block.get("type") in _BLOCKS or (block.get("type") == "image" and "source" in block)
        for message in list_objects(messages)
        for block in list_objects(message.get("content"))
    )
