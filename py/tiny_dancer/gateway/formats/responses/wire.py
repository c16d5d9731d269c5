"""What an upstream that speaks responses answers."""

from collections.abc import Mapping
from typing import Any, Final

from ...upstream.usage import Usage, read_counts
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
    return read_counts(response, "input_tokens", "output_tokens", "input_tokens_details")


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
