"""LangChain's messages in the shape that the decisions' core reads."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage

from ...decisions.state import MAX_DEPTH


def to_plain(value: Any, depth: int = 0) -> Any:
    """The value with each message, at whatever depth, as `{"role", "content"}`."""
    if isinstance(value, BaseMessage):
        return {"role": getattr(value, "role", value.type), "content": value.content}
    if depth > MAX_DEPTH:  # is refused by whoever reads it
        return value
    if isinstance(value, Mapping):
        return {key: to_plain(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(one, depth + 1) for one in value]
    return value
