"""A responses request as a chat."""

from collections.abc import Mapping
from typing import Any, Final

from ..fields import Translation
from ..shape import refuse, take_object
from .fields import FORMAT, REQUEST, TEXT
from .items import translate_items
from .tools import translate_choice, translate_tools

_RENAMED: Final = {
    "max_output_tokens": "max_completion_tokens",
    "stream": "stream",
    "temperature": "temperature",
    "top_p": "top_p",
}


def translate_request(body: Mapping[str, Any]) -> Translation:
    """The chat that asks the same.

    Raises:
        ApiError: 400 that names what is malformed or has nothing like it in chat.
    """
    dropped: dict[str, None] = {}
    REQUEST.check(body, "", dropped)
    if body.get("store") is True:
        dropped["store"] = None
    chat: dict[str, Any] = {
        "model": body.get("model"),
        "messages": translate_items(body.get("input"), body.get("instructions"), dropped),
    }
    for name, renamed in _RENAMED.items():
        if body.get(name) is not None:
            chat[renamed] = body[name]
    tools = translate_tools(body.get("tools"), dropped)
    if tools:
        chat["tools"] = tools
        if body.get("tool_choice") is not None:
            chat["tool_choice"] = translate_choice(body["tool_choice"], dropped)
        if body.get("parallel_tool_calls") is not None:
            chat["parallel_tool_calls"] = body["parallel_tool_calls"]
    form = _find_form(body, dropped)
    if form is not None:
        chat["response_format"] = form
    return Translation(chat, tuple(dropped))


def _find_form(body: Mapping[str, Any], dropped: dict[str, None]) -> dict[str, Any] | None:
    """The form that the answer shall have."""
    if body.get("text") is None:
        return None
    text = take_object(body["text"], "text")
    TEXT.check(text, "text", dropped)
    if text.get("format") is None:
        return None
    form = take_object(text["format"], "text.format")
    FORMAT.check(form, "text.format", dropped)
    match form.get("type"):
        case "text":
            return None
        case "json_object":
            return {"type": "json_object"}
        case "json_schema":
            named = {n: v for n, v in form.items() if n != "type" and v is not None}
            return {"type": "json_schema", "json_schema": {"name": "answer", **named}}
    refuse("text.format.type", "text, json_object or json_schema is needed")
