"""Marks that need no model: what is wrong with an answer whatever it says, and equal answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .reply import Reply
from .schema import Steps, is_valid

CHECK: Final = "check"
EQUAL: Final = "equal"
"""Sources of such a mark."""

CLOSED_CHARS: Final = 80
"""A text of at most so many characters is a closed answer; two that are equal are as good."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Quality in [0, 1] of the light and of the powerful answer, and who says so.

    None where it is not known.
    """

    light: float | None = None
    powerful: float | None = None
    source: str | None = None

    @property
    def are_whole(self) -> bool:
        """True where both are known."""
        return self.light is not None and self.powerful is not None


def check_replies(request: Mapping[str, Any], light: Reply, powerful: Reply) -> Marks:
    """What can be said of two answers without a model.

    A light answer at fault beside a powerful one without is the worst case for any certificate, so
    nobody has to be asked. Of equal closed answers the powerful one is taken for right.
    """
    faults = find_fault(request, light), find_fault(request, powerful)
    if faults == ("cut off", "cut off"):  # the request's own bound, and both keep it
        return Marks()
    if faults[0] and faults[1]:
        return Marks(0.0, 0.0, CHECK)
    if faults[0]:
        return Marks(0.0, 1.0, CHECK)
    if faults[1]:
        return Marks(None, 0.0, CHECK)
    if are_equal(light, powerful):
        return Marks(1.0, 1.0, EQUAL)
    return Marks()


def find_fault(request: Mapping[str, Any], reply: Reply) -> str | None:
    """What is wrong with an answer whatever it says; None where nothing is."""
    if reply.is_refusal:
        return "refusal"
    if not reply.text.strip() and not reply.calls:
        return "empty"
    if reply.ending == "length":
        return "cut off"
    if reply.calls:
        return None if _are_valid_calls(request, reply) else "tool call"
    if _must_call(request.get("tool_choice")):
        return "no tool call"
    return None if _is_of_format(request.get("response_format"), reply.text) else "format"


def are_equal(one: Reply, other: Reply) -> bool:
    """True for the same calls, the same JSON, or the same short text but for case and marks."""
    if one.calls or other.calls:
        return _parse_calls(one) == _parse_calls(other)
    values = [_parse(reply.text) for reply in (one, other)]
    if all(isinstance(value, dict | list) for value in values):
        return bool(values[0] == values[1])
    texts = [_normalise(reply.text) for reply in (one, other)]
    return texts[0] == texts[1] and bool(texts[0]) and len(texts[0]) <= CLOSED_CHARS


def _is_of_format(form: Any, text: str) -> bool:
    if not isinstance(form, dict) or form.get("type") not in ("json_object", "json_schema"):
        return True
    value = _parse(text)
    if form["type"] == "json_object":
        return isinstance(value, dict)
    outer = form.get("json_schema")
    return value is not None and is_valid(
        value, outer.get("schema", True) if isinstance(outer, dict) else True
    )


def _are_valid_calls(request: Mapping[str, Any], reply: Reply) -> bool:
    """True where each names a tool of the request, with arguments of its schema."""
    tools = request.get("tools")
    functions = [
        tool["function"]
        for tool in (tools if isinstance(tools, list) else ())
        if isinstance(tool, dict) and isinstance(tool.get("function"), dict)
    ]
    schemas = {str(one.get("name")): one.get("parameters", True) for one in functions}
    steps = Steps()
    for name, arguments in reply.calls:
        values = _parse(arguments or "{}")
        if name not in schemas or not isinstance(values, dict):
            return False
        if not is_valid(values, schemas[name], steps):
            return False
    return True


def _must_call(choice: Any) -> bool:
    return choice == "required" or (isinstance(choice, dict) and choice.get("type") == "function")


def _parse_calls(reply: Reply) -> list[tuple[str, Any]]:
    return [(name, _parse(arguments or "{}")) for name, arguments in reply.calls]


def _parse(text: str) -> Any:
    """The value that a JSON text says; None where it says none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _normalise(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!\"'`*")
