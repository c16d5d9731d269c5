"""What an upstream that speaks messages answers."""

from collections.abc import Mapping
from typing import Any, Final

from ....history.records.outcome import MAX_TOKENS
from ...upstream.usage import Usage, has_counts
from ...upstream.wire import Wire

VERSION: Final = "2023-06-01"
"""Of the API, where the client names none."""

_INPUTS: Final = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def is_message(value: Mapping[str, Any]) -> bool:
    """True for a whole message; one may be empty."""
    return isinstance(value.get("content"), list) and isinstance(value.get("role"), str)


def is_beginning(value: Mapping[str, Any]) -> bool:
    """True for the first event of a stream."""
    return value.get("type") in ("message_start", "ping")


def is_count(value: Mapping[str, Any]) -> bool:
    """True for a count of tokens."""
    return type(value.get("input_tokens")) is int


def read_message_usage(value: Mapping[str, Any]) -> Usage | None:
    """The tokens of a message, or of the events `message_start` and `message_delta`.

    The prompt is all that was read: new, from the cache, and into it.
    """
    message = value.get("message", value)
    usage = message.get("usage") if isinstance(message, dict) else None
    if not has_counts(usage, *_INPUTS, "output_tokens"):
        return None
    counts = [usage.get(name) or 0 for name in (*_INPUTS, "output_tokens")]
    if any(type(count) is not int or not 0 <= count <= MAX_TOKENS for count in counts):
        return None
    return Usage(min(sum(counts[:3]), MAX_TOKENS), counts[3])


MESSAGES: Final = Wire(
    "messages",
    "x-api-key",
    {"anthropic-version": VERSION},
    is_message,
    is_beginning,
    read_message_usage,
    has_stream_options=False,
    effort=("output_config", "effort"),
)
COUNT: Final = Wire(
    "messages/count_tokens",
    "x-api-key",
    {"anthropic-version": VERSION},
    is_count,
    is_beginning,
    has_stream_options=False,
)
