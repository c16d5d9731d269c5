"""What an upstream that speaks messages answers."""

from collections.abc import Mapping
from typing import Any, Final

from ....history.records.outcome import MAX_TOKENS
from ...upstream.usage import Usage, has_counts, is_token_count
from ...upstream.wire import Wire

VERSION: Final = "2023-06-01"
"""Of the API, where the client names none."""

_COUNTS: Final = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens",
)


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
    """The tokens of a message, or of the event `message_start`.

    The prompt is all that was read: new, from the cache, and into it.
    """
    return count_usage(read_counts(value))


def read_counts(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a message, or an event of one, says of its tokens, by the names of `_COUNTS`."""
    message = value.get("message", value)
    usage = message.get("usage") if isinstance(message, dict) else None
    if not has_counts(usage, *_COUNTS):
        return None
    return {name: usage[name] for name in _COUNTS if usage.get(name) is not None}


def count_usage(counts: Mapping[str, Any] | None) -> Usage | None:
    """The tokens that counts come to; None where one of them is none."""
    if counts is None:
        return None
    new, cached, written, out = (counts.get(name, 0) for name in _COUNTS)
    if (
        not all(map(is_token_count, (new, cached, written, out)))
        or new + cached + written > MAX_TOKENS
    ):
        return None
    return Usage(new + cached + written, out, cached, written)


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
