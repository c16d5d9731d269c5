"""Tokens that an upstream says it used."""

from typing import Any, Final, NamedTuple, TypeGuard

from ...history.records.outcome import MAX_TOKENS

DETAILS: Final = ("cached_tokens", "cache_write_tokens")
"""Names of the counts of a prompt cache, in chat and responses."""


class Usage(NamedTuple):
    """Tokens of the prompt and of the answer.

    Attributes:
        tokens_in: all that was read, from the cache and into it too.
        tokens_out: all that was written; reasoning is among it.
        cached_in: of the prompt's tokens, those read from the prompt cache.
        cache_write: of the prompt's tokens, those written to it.
    """

    tokens_in: int
    tokens_out: int
    cached_in: int = 0
    cache_write: int = 0


def read_usage(answer: Any) -> Usage | None:
    """The usage in an answer or in an event of a streamed one; None where it says none."""
    return read_counts(answer, "prompt_tokens", "completion_tokens", "prompt_tokens_details")


def read_counts(answer: Any, name_in: str, name_out: str, name_details: str) -> Usage | None:
    """The usage by the names that a format of OpenAI's gives it; None where it says none.

    Counts of a cache that are none cost as tokens outside of it.

    Args:
        answer: holds `usage`.
        name_in: of the prompt's tokens.
        name_out: of the answer's.
        name_details: of the object with `DETAILS`.
    """
    usage = answer.get("usage") if isinstance(answer, dict) else None
    if not has_counts(usage, name_in, name_out):
        return None
    tokens_in, tokens_out = usage.get(name_in, 0), usage.get(name_out, 0)
    if not (is_token_count(tokens_in) and is_token_count(tokens_out)):
        return None
    details = usage.get(name_details)
    if not isinstance(details, dict):  # nearly always
        return Usage(tokens_in, tokens_out)
    cached, written = (
        count if is_token_count(count := details.get(name)) else 0 for name in DETAILS
    )
    cached = min(cached, tokens_in)
    return Usage(tokens_in, tokens_out, cached, min(written, tokens_in - cached))


def has_counts(usage: Any, *names: str) -> TypeGuard[dict[str, Any]]:
    """True for an object with one of these counts: an empty one says nothing, and not zero."""
    return isinstance(usage, dict) and any(usage.get(name) is not None for name in names)


def is_token_count(value: Any) -> bool:
    """True for a number of tokens that is believed."""
    return type(value) is int and 0 <= value <= MAX_TOKENS
