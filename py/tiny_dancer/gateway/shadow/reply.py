"""What an answer says: its text, its calls of tools, and why it ended."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..http.json_text import parse_object
from ..upstream.sse import DONE, Comment, EventSplitter

Call = tuple[str, str]
"""Name of a tool, and its arguments as JSON."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes:
        text: of the message; empty where there is none.
        calls: of tools, in order.
        ending: the upstream's `finish_reason`.
        is_refusal: True where the upstream marks it as one.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    ending: str | None = None
    is_refusal: bool = False

    @property
    def size(self) -> int:
        """Bytes of the text and of the calls."""
        texts = (self.text, *(part for call in self.calls for part in call))
        return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def read_reply(answer: Mapping[str, Any]) -> Reply | None:
    """The first choice of a chat or a completion; None where there is none."""
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict):
        return None
    message = first.get("message")
    message = message if isinstance(message, dict) else {"content": first.get("text")}
    ending = first.get("finish_reason")
    return Reply(
        _join_text(message.get("content")),
        tuple(_list_calls(message.get("tool_calls"))),
        ending if isinstance(ending, str) else None,
        bool(message.get("refusal")) or ending == "content_filter",
    )


def read_streamed_reply(data: bytes) -> Reply | None:
    """The reply whose pieces the events of a stream hold; None where they hold none."""
    splitter = EventSplitter(len(data) + 1)
    text: list[str] = []
    calls: dict[int, list[str]] = {}
    ending, is_refusal, has_choice = None, False, False
    for event in (*splitter.feed(data), *splitter.finish()):
        if isinstance(event, Comment) or event.strip() == DONE:
            continue
        choice = _find_choice(event)
        if choice is None:
            continue
        has_choice = True
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {"content": choice.get("text")}
        text.append(_join_text(delta.get("content")))
        is_refusal = is_refusal or bool(delta.get("refusal"))
        for call in _list_objects(delta.get("tool_calls")):
            if not isinstance(function := call.get("function"), dict):
                continue
            index, (name, arguments) = call.get("index", 0), _read_call(function)
            known = calls.setdefault(index if isinstance(index, int) else 0, ["", ""])
            known[0] += name
            known[1] += arguments
        ending = choice.get("finish_reason") or ending
    if not has_choice:
        return None
    is_refusal = is_refusal or ending == "content_filter"
    return Reply("".join(text), tuple((n, a) for n, a in calls.values()), ending, is_refusal)


def _find_choice(event: bytes) -> dict[str, Any] | None:
    """The first choice of an event."""
    try:
        choices = parse_object(event).get("choices")
    except ValueError:
        return None
    firsts = [one for one in _list_objects(choices) if one.get("index", 0) == 0]
    return firsts[0] if firsts else None


def _join_text(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = (part.get("text") for part in _list_objects(content))
    return "".join(text for text in texts if isinstance(text, str))


def _list_calls(calls: Any) -> Iterable[Call]:
    functions = (one.get("function") for one in _list_objects(calls))
    return (_read_call(one) for one in functions if isinstance(one, dict))


def _read_call(function: Mapping[str, Any]) -> Call:
    """A call, or a piece of one; some servers send arguments as a value, not as its JSON."""
    name, arguments = function.get("name"), function.get("arguments")
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else json.dumps(arguments)
    return name if isinstance(name, str) else "", arguments


def _list_objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
