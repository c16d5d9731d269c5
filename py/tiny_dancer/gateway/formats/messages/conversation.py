"""The turns of a messages request, whatever else it holds. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...routing.conversation import Conversation, read_chat
from .ownership import TOOL_USES


def read_messages(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a messages request, read as leniently as that of a chat.

    A message with results of tools is no turn of the user, also where a text stands beside them:
    the model does not change within the loop of one turn.

    Raises:
        ApiError: 400 where there are no messages or they are malformed.
    """
    messages = body.get("messages")
    if isinstance(messages, list) and messages:
        messages = [_to_chat(message) for message in messages]
        if body.get("system"):
            messages.insert(0, {"role": "system", "content": body["system"]})
    output = body.get("output_config")
    form = output.get("format") if isinstance(output, dict) else body.get("output_format")
    chat = {
        "messages": messages,
        "tools": body.get("tools"),
        "response_format": form,
        "max_tokens": body.get("max_tokens"),
    }
    return replace(read_chat(chat), format="messages")


def _to_chat(message: Any) -> Any:
    """The message with what `read_chat` looks at; what is malformed stays for it to refuse."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return message
    blocks = [block for block in message["content"] if isinstance(block, dict)]
    kinds = [block.get("type") for block in blocks]  # of any type: no set holds them
    role = "tool" if "tool_result" in kinds else message.get("role")
    calls = [block for block in blocks if block.get("type") in TOOL_USES]
    return {"role": role, "content": list(_flatten(blocks)), "tool_calls": calls}


def _flatten(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Texts, images and documents, also those within results of tools and within documents."""
    for block in blocks:
        kind, content = block.get("type"), block.get("content")
        if kind == "tool_result":
            if isinstance(content, str):
                yield {"type": "text", "text": content}
            elif isinstance(content, list):
                yield from _flatten([one for one in content if isinstance(one, dict)])
        elif kind == "document":
            yield from _flatten_document(block)
        elif kind not in TOOL_USES:
            yield block


def _flatten_document(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    source = block.get("source")
    source = source if isinstance(source, dict) else {}
    if source.get("type") == "text":
        yield {"type": "text", "text": source.get("data")}
    elif source.get("type") == "content":
        content = source.get("content")
        content = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if isinstance(content, list):
            yield from _flatten([one for one in content if isinstance(one, dict)])
    else:
        yield block
