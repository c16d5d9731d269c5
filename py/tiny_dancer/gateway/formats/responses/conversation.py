"""The turns of a responses request, whatever else it holds. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...http.api_error import ApiError
from ...routing.conversation import Conversation, read_chat


def read_responses(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a responses request, read as leniently as that of a chat.

    Raises:
        ApiError: 400 where there is no input or it is malformed.
    """
    text = body.get("text")
    chat = {
        "messages": _list_messages(body),
        "tools": body.get("tools"),
        "response_format": text.get("format") if isinstance(text, dict) else None,
        "max_tokens": body.get("max_output_tokens"),
        "top_logprobs": body.get("top_logprobs"),
    }
    return replace(read_chat(chat), format="responses")


def _list_messages(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = body.get("input")
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if given is None and (body.get("previous_response_id") or body.get("prompt")):
        given = [{"role": "user", "content": ""}]  # the server that keeps them has the turns
    if not isinstance(given, list) or not given:
        raise ApiError(400, "input: a text or a list of items is needed.", param="input")
    messages: list[dict[str, Any]] = []
    if isinstance(body.get("instructions"), str):
        messages.append({"role": "system", "content": body["instructions"]})
    for at, item in enumerate(given):
        if not isinstance(item, dict):
            raise ApiError(400, f"input[{at}]: an object is needed.", param=f"input[{at}]")
        messages.append(_to_chat(item, f"input[{at}]"))
    return messages


def _to_chat(item: dict[str, Any], where: str) -> dict[str, Any]:
    """The item with what `read_chat` looks at: a message, a call of a tool, or its result."""
    kind = item.get("type") or "message"
    if kind == "message":
        if not isinstance(item.get("role"), str):
            raise ApiError(400, f"{where}.role: a text is needed.", param=f"{where}.role")
        return {"role": item["role"], "content": item.get("content")}
    if not isinstance(kind, str):
        raise ApiError(400, f"{where}.type: a text is needed.", param=f"{where}.type")
    if kind.endswith("_output"):
        return {"role": "tool", "content": item.get("output")}
    return {"role": "assistant", "tool_calls": [item] if kind.endswith("_call") else None}
