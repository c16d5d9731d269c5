"""What a whole answer of a chat says, whatever it is translated to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..upstream.fault import FaultKind, UpstreamFault


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function, its arguments as JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """Tokens of a chat; `cached` of those of the prompt, `reasoning` of those of the answer."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """The first choice of a chat's answer.

    Attributes:
        id: of the answer, as the upstream gave it; empty where it gave none.
        created: seconds since 1970.
        model: who says to have answered.
        text: what was said.
        refusal: why nothing was said.
        reasoning: what was thought, where the server tells.
        calls: of tools.
        finish_reason: why it ended.
        usage: tokens.
    """

    id: str
    created: int
    model: str
    text: str
    refusal: str
    reasoning: str
    calls: tuple[ToolCall, ...]
    finish_reason: str
    usage: ChatUsage


def read_answer(value: Mapping[str, Any]) -> ChatAnswer:
    """What an answer says.

    Raises:
        UpstreamFault: its first choice has no message.
    """
    choice = value["choices"][0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise UpstreamFault(FaultKind.GARBAGE)
    calls = message.get("tool_calls")
    created = value.get("created")
    return ChatAnswer(
        as_text(value.get("id")),
        created if isinstance(created, int) else 0,
        as_text(value.get("model")),
        _join_text(message.get("content")),
        as_text(message.get("refusal")),
        read_reasoning(message),
        tuple(_read_call(one, at) for at, one in enumerate(calls))
        if isinstance(calls, list)
        else (),
        as_text(choice.get("finish_reason")),
        read_chat_usage(value) or ChatUsage(),
    )


def read_reasoning(message: Mapping[str, Any]) -> str:
    """What was thought, by the name that DeepSeek and llama.cpp give it, or vLLM and Ollama."""
    return as_text(message.get("reasoning_content")) or as_text(message.get("reasoning"))


def read_chat_usage(value: Mapping[str, Any]) -> ChatUsage | None:
    """The tokens; None where it says none."""
    usage = value.get("usage")
    if not isinstance(usage, dict):
        return None
    return ChatUsage(
        _read_count(usage, "prompt_tokens"),
        _read_count(usage, "completion_tokens"),
        _read_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        _read_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def as_text(value: Any) -> str:
    """The text; an empty one for anything else."""
    return value if isinstance(value, str) else ""


def _read_call(call: Any, at: int) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise UpstreamFault(FaultKind.GARBAGE)
    arguments = as_text(function.get("arguments"))
    return ToolCall(as_text(call.get("id")) or f"call_{at}", function["name"], arguments)


def _read_count(value: Any, name: str) -> int:
    count = value.get(name) if isinstance(value, dict) else None
    return count if type(count) is int and count >= 0 else 0


def _join_text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(as_text(one.get("text")) for one in content if isinstance(one, dict))
    return as_text(content)
