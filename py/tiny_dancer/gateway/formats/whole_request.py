"""A whole request of any format, for who wants to know what would become of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..http.api_error import ApiError
from ..routing.conversation import Conversation, read_prompt
from .decisions import read_decisions, read_system_one
from .exchange import Exchange
from .format import FORMATS, find_format

OTHERS: Final[dict[str, Callable[[Mapping[str, Any]], Conversation]]] = {
    "completions": read_prompt,
    "decisions": read_decisions,
    "systemone": read_system_one,
}
"""Formats beside those that upstreams speak."""


def is_whole_request(body: Mapping[str, Any]) -> bool:
    """True where a body has the shape of a request, not that of a bare prompt."""
    return any(name in body for name in ("messages", "input", "state"))


def read_whole_request(
    body: Mapping[str, Any], name: str | None = None
) -> tuple[str, Conversation]:
    """The name of a request's format, and its conversation.

    Args:
        body: of the request.
        name: the format, where the caller says it; else the shape decides, and `chat` where the
            shape is that of chat and messages alike.

    Raises:
        ApiError: 400 for a name or a shape that is none of a format, or a malformed request.
        InvalidInputError: a state is nested too deeply.
    """
    if name is not None and name not in FORMATS and name not in OTHERS:
        known = ", ".join((*FORMATS, *OTHERS))
        raise ApiError(400, f"format: one of {known} is needed.", param="format")
    if name is None and "questions" in body:
        name = "systemone" if "state" in body else "decisions"
    if name in OTHERS:
        return name, OTHERS[name](body)
    found = find_format(body, name)
    return found.name, Exchange(found, body, {}).conversation
