"""A messages request as a chat."""

from collections.abc import Mapping
from typing import Any, Final

from ..fields import Translation
from ..shape import refuse, take_list, take_object, take_text
from .content import translate_messages
from .fields import FORMAT, OUTPUT, REQUEST, THINKING, TOOL, TOOL_CHOICE

_RENAMED: Final = {
    "max_tokens": "max_completion_tokens",
    "stop_sequences": "stop",
    "stream": "stream",
    "temperature": "temperature",
    "top_p": "top_p",
}
_CHOICES: Final = {"auto": "auto", "any": "required", "none": "none"}


def translate_request(body: Mapping[str, Any]) -> Translation:
    """The chat that asks the same.

    Raises:
        ApiError: 400 that names what is malformed or has nothing like it in chat.
    """
    dropped: dict[str, None] = {}
    REQUEST.check(body, "", dropped)
    chat: dict[str, Any] = {
        "model": body.get("model"),
        "messages": translate_messages(body.get("messages"), body.get("system"), dropped),
    }
    for name, renamed in _RENAMED.items():
        if body.get(name) not in (None, []):
            chat[renamed] = body[name]
    thinking = body.get("thinking")
    if thinking and take_object(thinking, "thinking").get("type") != "disabled":
        dropped[THINKING] = None
    tools = take_list(body.get("tools"), "tools")
    if tools:
        chat["tools"] = [
            _translate_tool(one, f"tools[{i}]", dropped) for i, one in enumerate(tools)
        ]
        if body.get("tool_choice") is not None:
            chat |= _translate_choice(take_object(body["tool_choice"], "tool_choice"), dropped)
    form = _find_form(body, dropped)
    if form is not None:
        chat["response_format"] = form
    return Translation(chat, tuple(dropped))


def _translate_tool(tool: Any, where: str, dropped: dict[str, None]) -> dict[str, Any]:
    kind = take_object(tool, where).get("type")
    if kind not in (None, "custom"):
        refuse(f"{where}.type", f"{str(kind)[:60]} is a tool of the vendor's own API")
    TOOL.check(tool, where, dropped)
    function = {
        "name": take_text(tool.get("name"), f"{where}.name"),
        "parameters": take_object(tool.get("input_schema"), f"{where}.input_schema"),
    }
    for name in ("description", "strict"):
        if tool.get(name) is not None:
            function[name] = tool[name]
    return {"type": "function", "function": function}


def _translate_choice(choice: dict[str, Any], dropped: dict[str, None]) -> dict[str, Any]:
    TOOL_CHOICE.check(choice, "tool_choice", dropped)
    kind, chat = choice.get("type"), dict[str, Any]()
    if kind == "tool":
        name = take_text(choice.get("name"), "tool_choice.name")
        chat["tool_choice"] = {"type": "function", "function": {"name": name}}
    elif isinstance(kind, str) and kind in _CHOICES:
        chat["tool_choice"] = _CHOICES[kind]
    else:
        refuse("tool_choice.type", "one of auto, any, tool, none is needed")
    if choice.get("disable_parallel_tool_use"):
        chat["parallel_tool_calls"] = False
    return chat


def _find_form(body: Mapping[str, Any], dropped: dict[str, None]) -> dict[str, Any] | None:
    """The form that the answer shall have."""
    output = body.get("output_config")
    if output is not None:
        OUTPUT.check(take_object(output, "output_config"), "output_config", dropped)
        form, where = output.get("format"), "output_config.format"
    else:
        form, where = body.get("output_format"), "output_format"
    if form is None:
        return None
    FORMAT.check(take_object(form, where), where, dropped)
    if form.get("type") != "json_schema":
        refuse(f"{where}.type", "json_schema is needed")
    schema = take_object(form.get("schema"), f"{where}.schema")
    named = {"name": "answer", "schema": schema, "strict": True}
    return {"type": "json_schema", "json_schema": named}
