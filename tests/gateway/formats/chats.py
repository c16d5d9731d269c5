"""Answers of a chat upstream, whole and as chunks."""

from typing import Any

USAGE = {
    "prompt_tokens": 30,
    "completion_tokens": 8,
    "total_tokens": 38,
    "prompt_tokens_details": {"cached_tokens": 20},
    "completion_tokens_details": {"reasoning_tokens": 3},
}


def whole(finish: str = "stop", **message: Any) -> dict[str, Any]:
    """An answer with this message."""
    message = {"role": "assistant", "content": None, **message}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    head = {"id": "c-1", "object": "chat.completion", "created": 7, "model": "m-1"}
    return {**head, "choices": [choice], "usage": USAGE}


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """A piece with this delta."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "c-1", "object": "chat.completion.chunk", "created": 7, "model": "m-1"}
    return {**head, "choices": [choice]}


def stream(*chunks: dict[str, Any], finish: str = "stop", done: bool = True) -> list[Any]:
    """The chunks, their end and the usage."""
    usage = {**chunk(), "choices": [], "usage": USAGE}
    end = [chunk(finish), usage]
    return [chunk(role="assistant", content=""), *chunks, *end, *(["[DONE]"] if done else [])]


def call(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    """A call of a function."""
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def piece(index: int, arguments: str = "", **first: str) -> dict[str, Any]:
    """A chunk with a piece of a call; `id` and `name` in the first one."""
    function = {"arguments": arguments}
    if "name" in first:
        function["name"] = first["name"]
    head = {"id": first["id"], "type": "function"} if "id" in first else {}
    return chunk(tool_calls=[{"index": index, **head, "function": function}])
