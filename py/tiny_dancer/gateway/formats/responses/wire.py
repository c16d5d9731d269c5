"""What an upstream that speaks responses answers."""

from collections.abc import Mapping
from typing import Any, Final

from ....history.records.outcome import MAX_TOKENS
from ...upstream.usage import Usage, has_counts
from ...upstream.wire import Wire


def is_response(value: Mapping[str, Any]) -> bool:
    """True for a whole response."""
    return isinstance(value.get("output"), list)


def is_beginning(value: Mapping[str, Any]) -> bool:
    """True for the first event of a stream."""
    return isinstance(value.get("type"), str) and value["type"].startswith("response.")


def read_response_usage(value: Mapping[str, Any]) -> Usage | None:
    """The tokens of a response, or of the event that carries one."""
    response = value.get("response", value)
    usage = response.get("usage") if isinstance(response, dict) else None
    if not has_counts(usage, "input_tokens", "output_tokens"):
        return None
    counts = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    if any(type(count) is not int or not 0 <= count <= MAX_TOKENS for count in counts):
        return None
    return Usage(*counts)


RESPONSES: Final = Wire(
    "responses",
    "bearer",
    {},
    is_response,
    is_beginning,
    read_response_usage,
    has_stream_options=False,
    effort=("reasoning", "effort"),
)
