"""Whose the earlier thinking of a conversation is."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...routing.mark import split_mark

SEALS: Final = {"thinking": "signature", "redacted_thinking": "data"}
"""Types of content that only their maker can read, and the field that it knows them by."""


def mark_block(block: dict[str, Any], mark: str) -> bool:
    """Put the maker's mark on a block of thinking; False where it is none."""
    if not _is_thought(block):
        return False
    seal = SEALS[block["type"]]
    if not block[seal]:
        return False
    block[seal] += mark
    return True


def find_owner(body: Mapping[str, Any]) -> str | None:
    """The mark of the model that thought in the loop that is running; None where none did.

    That loop is what follows the user's last turn. It cannot go on without its thinking.
    """
    messages = body.get("messages")
    at = find_loop(messages)
    for message in messages[at:] if isinstance(messages, list) else ():
        for block in _list_thoughts(message):
            _, mark = split_mark(block[SEALS[block["type"]]])
            if mark is not None:
                return mark
    return None


def find_loop(messages: Any) -> int:
    """Place of the first message of the loop that is running."""
    if not isinstance(messages, list):
        return 0
    for at in range(len(messages) - 1, -1, -1):
        message = messages[at]
        if isinstance(message, dict) and message.get("role") == "user":
            content = message.get("content")
            blocks = content if isinstance(content, list) else ()
            kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
            if "tool_result" not in kinds:
                return at
    return 0


def leave_own(body: Mapping[str, Any], mark: str) -> tuple[dict[str, Any], bool]:
    """The request as an upstream gets it, and whether thinking was left out.

    Its own thinking goes back to it as it gave it. That of others is left out, and so is what
    carries no mark and is of a turn that is over: whose it is, nobody knows.

    Args:
        body: of the request.
        mark: the upstream's.
    """
    messages = body.get("messages")
    if not isinstance(messages, list):
        return dict(body), False
    loop, kept, is_less = find_loop(messages), list[Any](), False
    for at, message in enumerate(messages):
        if not list(_list_thoughts(message)):
            kept.append(message)
            continue
        content = []
        for block in message["content"]:
            if not _is_thought(block):
                content.append(block)
                continue
            seal = SEALS[block["type"]]
            text, found = split_mark(block[seal])
            if text and (found == mark or (found is None and at >= loop)):
                content.append({**block, seal: text})
            else:
                is_less = True
        if content:
            kept.append({**message, "content": content})
    return {**body, "messages": kept}, is_less


def _list_thoughts(message: Any) -> Iterator[dict[str, Any]]:
    content = message.get("content") if isinstance(message, dict) else None
    for block in content if isinstance(content, list) else ():
        if _is_thought(block):
            yield block


def _is_thought(block: Any) -> bool:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return False
    seal = SEALS.get(block["type"])
    return seal is not None and isinstance(block.get(seal), str)
