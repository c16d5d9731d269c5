"""Tokens that an upstream says it used."""

from typing import Any, NamedTuple, TypeGuard

from ...history.records.outcome import MAX_TOKENS


class Usage(NamedTuple):
    """Tokens of the prompt and of the answer."""

    tokens_in: int
    tokens_out: int


def read_usage(answer: Any) -> Usage | None:
    """The usage in an answer or in an event of a streamed one; None where it says none."""
    usage = answer.get("usage") if isinstance(answer, dict) else None
    if not has_counts(usage, "prompt_tokens", "completion_tokens"):
        return None
    counts = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    if any(type(count) is not int or not 0 <= count <= MAX_TOKENS for count in counts):
        return None
    return Usage(*counts)


def has_counts(usage: Any, *names: str) -> TypeGuard[dict[str, Any]]:
    """True for an object with one of these counts: an empty one says nothing, and not zero."""
    return isinstance(usage, dict) and any(usage.get(name) is not None for name in names)
