"""A chat's answer as a message."""

from collections.abc import Mapping
from typing import Any, Final

from ...http.json_text import parse_object
from ...upstream.fault import FaultKind, UpstreamFault
from ..chat_answer import ChatAnswer, ChatUsage, read_answer

REASONS: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}


def translate_answer(value: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """The message that says the same.

    Args:
        value: the chat's answer.
        request: what the client asked for.

    Raises:
        UpstreamFault: it is none, or the arguments of a call are no JSON object.
    """
    answer = read_answer(value)
    content: list[dict[str, Any]] = []
    if answer.reasoning and wants_thinking(request):
        content.append({"type": "thinking", "thinking": answer.reasoning, "signature": ""})
    if answer.text or answer.refusal:
        content.append({"type": "text", "text": answer.text or answer.refusal})
    for call in answer.calls:
        given = _parse_arguments(call.arguments, is_cut=answer.finish_reason == "length")
        content.append({"type": "tool_use", "id": call.id, "name": call.name, "input": given})
    return {
        **start_message(answer.id, answer.model),
        "content": content,
        "stop_reason": find_reason(answer.finish_reason, answer),
        "usage": build_usage(answer.usage),
    }


def start_message(answer_id: str, model: str) -> dict[str, Any]:
    """A message in which nothing is said yet."""
    return {
        "id": answer_id if answer_id.startswith("msg_") else f"msg_{answer_id}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": build_usage(ChatUsage()),
    }


def find_reason(finish_reason: str, answer: ChatAnswer | None = None) -> str:
    """Why a message ends; some servers say `stop` behind calls of tools."""
    if answer is not None and answer.refusal and not answer.text:
        return "refusal"
    if answer is not None and answer.calls and finish_reason in ("stop", ""):
        return "tool_use"
    return REASONS.get(finish_reason, "end_turn")


def build_usage(usage: ChatUsage) -> dict[str, Any]:
    """The tokens; those read from a cache are not among `input_tokens`."""
    return {
        "input_tokens": max(0, usage.tokens_in - usage.cached),
        "output_tokens": usage.tokens_out,
        "cache_read_input_tokens": usage.cached,
        "cache_creation_input_tokens": 0,
    }


def wants_thinking(request: Mapping[str, Any]) -> bool:
    """True where the client asked for thinking, so that it can take some."""
    thinking = request.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") != "disabled"


def _parse_arguments(arguments: str, *, is_cut: bool) -> dict[str, Any]:
    """The input of a tool; an empty one where the answer was cut off at its length."""
    if not arguments.strip():
        return {}
    try:
        return parse_object(arguments.encode("utf-8", "surrogatepass"))
    except ValueError:
        if is_cut:
            return {}
        raise UpstreamFault(FaultKind.GARBAGE) from None
