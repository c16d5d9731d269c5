"""A responses request as a chat."""

from collections.abc import Mapping
from typing import Any, Final

from ..fields import Translation
from ..shape import refuse, take_list, take_object, take_text
from .fields import FORMAT, REQUEST, TEXT, TOOL_CHOICE, TOOLS
from .items import translate_items

_RENAMED: Final = {
    "max_output_tokens": "max_completion_tokens",
    "stream": "stream",
    "temperature": "temperature",
    "top_p": "top_p",
}
_CHOICES: Final = ("auto", "none", "required")


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
    tools = take_list(body.get("tools"), "tools")
    if tools:
        chat["tools"] = [
            _translate_tool(tool, f"tools[{at}]", dropped) for at, tool in enumerate(tools)
        ]
        if body.get("tool_choice") is not None:
            chat["tool_choice"] = _translate_choice(body["tool_choice"], dropped)
        if body.get("parallel_tool_calls") is not None:
            chat["parallel_tool_calls"] = body["parallel_tool_calls"]
    form = _find_form(body, dropped)
    if form is not None:
        chat["response_format"] = form
    return Translation(chat, tuple(dropped))


def list_custom_tools(body: Mapping[str, Any]) -> frozenset[str]:
    """Names of the tools that take a text and no JSON."""
    tools = body.get("tools")
    return frozenset(
        tool["name"]
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict) and tool.get("type") == "custom" and "name" in tool
    )


def _translate_tool(tool: Any, where: str, dropped: dict[str, None]) -> dict[str, Any]:
    kind = take_object(tool, where).get("type")
    fields = TOOLS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        refuse(f"{where}.type", f"{str(kind)[:60]} is a tool of the vendor's own API")
    fields.check(tool, where, dropped)
    function: dict[str, Any] = {"name": take_text(tool.get("name"), f"{where}.name")}
    if tool.get("description") is not None:
        function["description"] = tool["description"]
    if kind == "custom":
        _describe_text(function, tool.get("format"))
    else:
        parameters = tool.get("parameters")
        empty = {"type": "object", "properties": {}}
        function["parameters"] = empty if parameters is None else parameters
        if tool.get("strict") is not None:
            function["strict"] = tool["strict"]
    return {"type": "function", "function": function}


def _describe_text(function: dict[str, Any], form: Any) -> None:
    """Make a function of a tool that takes a text; its grammar is told in words."""
    if isinstance(form, dict) and isinstance(form.get("definition"), str):
        told = f"The input follows this {form.get('syntax', '')} grammar:\n{form['definition']}"
        function["description"] = f"{function.get('description', '')}\n{told}".strip()
    function["parameters"] = {
        "type": "object",
        "properties": {"input": {"type": "string"}},
        "required": ["input"],
        "additionalProperties": False,
    }


def _translate_choice(choice: Any, dropped: dict[str, None]) -> Any:
    if isinstance(choice, str):
        if choice not in _CHOICES:
            refuse("tool_choice", f"one of {', '.join(_CHOICES)} is needed")
        return choice
    kind = take_object(choice, "tool_choice").get("type")
    if kind not in ("function", "custom"):
        refuse("tool_choice.type", f"{str(kind)[:60]} has nothing like it in chat")
    TOOL_CHOICE.check(choice, "tool_choice", dropped)
    name = take_text(choice.get("name"), "tool_choice.name")
    return {"type": "function", "function": {"name": name}}


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
