"""What a piece of a streamed chat says, whatever it is translated to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..upstream.fault import FaultKind, UpstreamFault
from .chat_answer import ChatUsage, as_text, read_chat_usage, read_reasoning


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A piece of a call; id and name stand in the first one of each index."""

    index: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a piece adds to the first choice; empty where it says nothing of it."""

    id: str = ""
    created: int = 0
    model: str = ""
    reasoning: str = ""
    text: str = ""
    refusal: str = ""
    calls: tuple[CallPiece, ...] = ()
    finish_reason: str = ""
    usage: ChatUsage | None = None


def read_chunk(value: Mapping[str, Any]) -> Chunk:
    """What a piece says.

    Raises:
        UpstreamFault: it is no piece of a chat.
    """
    choices = value.get("choices")
    if not isinstance(choices, list):
        raise UpstreamFault(FaultKind.GARBAGE)
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    delta = choice.get("delta")
    delta = delta if isinstance(delta, dict) else {}
    calls, created = delta.get("tool_calls"), value.get("created")
    return Chunk(
        as_text(value.get("id")),
        created if isinstance(created, int) else 0,
        as_text(value.get("model")),
        read_reasoning(delta),
        as_text(delta.get("content")),
        as_text(delta.get("refusal")),
        tuple(_read_piece(one, at) for at, one in enumerate(calls))
        if isinstance(calls, list)
        else (),
        as_text(choice.get("finish_reason")),
        read_chat_usage(value),
    )


def _read_piece(call: Any, at: int) -> CallPiece:
    if not isinstance(call, dict):
        raise UpstreamFault(FaultKind.GARBAGE)
    function, index = call.get("function"), call.get("index")
    function = function if isinstance(function, dict) else {}
    return CallPiece(
        index if isinstance(index, int) else at,
        as_text(call.get("id")),
        as_text(function.get("name")),
        as_text(function.get("arguments")),
    )
