"""Tools of a responses request as functions of chat, and whose a call of one is."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..shape import list_objects, refuse, take_list, take_object, take_text
from .fields import TOOL_CHOICE, TOOLS

CHOICES: Final = ("auto", "none", "required")


class Tool(NamedTuple):
    """What a function of chat stands for.

    Attributes:
        name: of the tool.
        namespace: that it stands in; None where it stands alone.
        is_custom: True where it takes a text and no JSON.
    """

    name: str
    namespace: str | None = None
    is_custom: bool = False


def join_name(namespace: str | None, name: str) -> str:
    """The name of a tool's function."""
    return f"{namespace}__{name}" if namespace else name


def map_tools(body: Mapping[str, Any]) -> dict[str, Tool]:
    """What each function stands for, by its name, where that is not a function of this name."""
    found = {}
    for tool in list_objects(body.get("tools")):
        is_space = tool.get("type") == "namespace"
        space = str(tool.get("name")) if is_space else None
        for one in list_objects(tool.get("tools")) if is_space else (tool,):
            named = Tool(str(one.get("name")), space, one.get("type") == "custom")
            if named.namespace or named.is_custom:
                found[join_name(space, named.name)] = named
    return found


def translate_tools(given: Any, dropped: dict[str, None]) -> list[dict[str, Any]]:
    """The functions of the chat.

    Raises:
        ApiError: 400 that names a tool that is none of a function's kind.
    """
    tools: list[dict[str, Any]] = []
    for at, tool in enumerate(take_list(given, "tools")):
        where = f"tools[{at}]"
        if take_object(tool, where).get("type") != "namespace":
            tools.append(_translate_tool(tool, where, dropped))
            continue
        TOOLS["namespace"].check(tool, where, dropped)
        space = take_text(tool.get("name"), f"{where}.name")
        for n, one in enumerate(take_list(tool.get("tools"), f"{where}.tools")):
            inner = _translate_tool(one, f"{where}.tools[{n}]", dropped)
            function = inner["function"]
            function["name"] = join_name(space, function["name"])
            told = (tool.get("description"), function.get("description"))
            function["description"] = "\n".join(text for text in told if isinstance(text, str))
            tools.append(inner)
    return tools


def translate_choice(choice: Any, dropped: dict[str, None]) -> Any:
    """The tool that has to be called.

    Raises:
        ApiError: 400 where chat has no such choice.
    """
    if isinstance(choice, str):
        if choice not in CHOICES:
            refuse("tool_choice", f"one of {', '.join(CHOICES)} is needed")
        return choice
    kind = take_object(choice, "tool_choice").get("type")
    if kind not in ("function", "custom"):
        refuse("tool_choice.type", f"{str(kind)[:60]} has nothing like it in chat")
    TOOL_CHOICE.check(choice, "tool_choice", dropped)
    name = take_text(choice.get("name"), "tool_choice.name")
    return {"type": "function", "function": {"name": name}}


def _translate_tool(tool: Any, where: str, dropped: dict[str, None]) -> dict[str, Any]:
    kind = take_object(tool, where).get("type")
    fields = TOOLS.get(kind) if isinstance(kind, str) and kind != "namespace" else None
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
