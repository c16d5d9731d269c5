"""Whose the tool calls, the thinking and the kept state of a messages request are."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...routing.mark import put_mark, restore_ids, split_mark, strip_marks
from ...routing.pin import Pin, find_pin
from ..shape import list_objects, list_texts

SEALS: Final = {"thinking": "signature", "redacted_thinking": "data"}
"""Types of content that only their maker can read, and the field that it knows them by."""

TOOL_USES: Final = ("tool_use", "server_tool_use", "mcp_tool_use")

SERVER_USES: Final = ("server_tool_use", "mcp_tool_use")
"""Calls that the server runs itself: it alone can go on in the midst of them."""

RUN_IDS: Final = ("id", "tool_use_id")

LONGEST_ID: Final = 64
"""Characters of a call's id; of letters, digits, `_` and `-` alone."""


def mark_block(block: Any, mark: str) -> bool:
    """Put the maker's mark on what a client echoes of a block; False where there is nothing."""
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return False
    if block["type"] in TOOL_USES:
        return put_mark(block, "id", mark)
    if block["type"] in SEALS:
        return put_mark(block, SEALS[block["type"]], mark)
    return put_mark(block, "tool_use_id", mark)


def mark_container(holder: Any, mark: str) -> bool:
    """The same for the container that code ran in, of a message or of the end of one."""
    return isinstance(holder, dict) and put_mark(holder.get("container"), "id", mark)


def find_message_pin(body: Mapping[str, Any], tail: int) -> Pin | None:
    """What ties a messages request to an upstream.

    Args:
        body: of the request.
        tail: how many messages there are from the user's last turn on.
    """
    messages = list_objects(body.get("messages"))
    loop = [block for message in messages[-tail:] for block in _list_blocks(message)]
    calls = [block for block in loop if block.get("type") in TOOL_USES]
    results = list_texts(*(one.get("tool_use_id") for one in loop))
    thinking = [block[SEALS[block["type"]]] for block in loop if _is_thought(block)]
    thinking += list_texts(*(one.get("id") for one in calls if one["type"] in SERVER_USES))
    return find_pin(
        state=_list_kept(body, messages),
        thinking=[one for one in thinking if one],
        calls=list_texts(*(one.get("id") for one in calls)),
        results=results,
        is_running=bool(calls or results),
    )


def leave_own_message(
    body: Mapping[str, Any], mark: str, tail: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The request as an upstream gets it, and the names of what was left out.

    Every id goes to its maker as it was given, and so does an upstream's own thinking. That of
    others is left out, and so is what carries no mark and is of a turn that is over: whose it is,
    nobody knows. Calls that the server of another ran are left out with their results and
    with what cites these.

    Args:
        body: of the request.
        mark: the upstream's.
        tail: how many messages there are from the user's last turn on.
    """
    body, left_out = _strip_container(body), dict[str, None]()
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body, ()
    runs = _list_foreign_runs(messages, mark)
    kept: list[Any] = []
    for at, message in enumerate(messages):
        blocks = message.get("content") if isinstance(message, dict) else None
        if not isinstance(blocks, list):
            kept.append(message)
            continue
        is_running = at >= len(messages) - tail
        content: list[Any] = []
        for block in blocks:
            if _is_foreign(block, mark, is_running=is_running):
                left_out["thinking"] = None
            elif _is_run(block, runs):
                left_out["server_tool_use"] = None
            else:
                block = block if is_running else _leave_runs(block, runs)
                content.append(_strip(block, mark))
        if content or not blocks:
            kept.append({**message, "content": content})
    return {**body, "messages": kept}, tuple(left_out)


def _list_kept(body: Mapping[str, Any], messages: list[dict[str, Any]]) -> list[str]:
    """Ids of what a server keeps: a container, files."""
    container = body.get("container")
    found = [container.get("id") if isinstance(container, dict) else container]
    for message in messages:
        for block in _list_blocks(message):
            for one in (block, *list_objects(block.get("content"))):
                source = one.get("source")
                found += [one.get("file_id"), isinstance(source, dict) and source.get("file_id")]
    return list_texts(*found)


def _list_blocks(message: Any) -> Iterator[dict[str, Any]]:
    content = message.get("content") if isinstance(message, dict) else None
    yield from list_objects(content)


def _is_thought(block: Any) -> bool:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        return False
    seal = SEALS.get(block["type"])
    return seal is not None and isinstance(block.get(seal), str)


def _is_foreign(block: Any, mark: str, *, is_running: bool) -> bool:
    """True for thinking that the upstream with a mark cannot read."""
    if not _is_thought(block):
        return False
    text, found = split_mark(block[SEALS[block["type"]]])
    return not text or (found != mark and not (found is None and is_running))


def _list_foreign_runs(messages: list[Any], mark: str) -> frozenset[str]:
    """Ids, as the client has them, of calls that the servers of others ran."""
    ids = (
        block["id"]
        for message in messages
        for block in _list_blocks(message)
        if block.get("type") in SERVER_USES and isinstance(block.get("id"), str)
    )
    return frozenset(one for one in ids if split_mark(one)[1] not in (None, mark))


def _is_run(block: Any, runs: frozenset[str]) -> bool:
    """True for a call that another's server ran, and for its result."""
    if not runs or not isinstance(block, dict):
        return False
    return any(isinstance(one := block.get(name), str) and one in runs for name in RUN_IDS)


def _leave_runs(block: Any, runs: frozenset[str]) -> Any:
    """The block without what refers to another's runs: encrypted citations, its caller."""
    if not runs or not isinstance(block, dict):
        return block
    if any("encrypted_index" in one for one in list_objects(block.get("citations"))):
        cited = [one for one in list_objects(block["citations"]) if "encrypted_index" not in one]
        block = {name: value for name, value in block.items() if name != "citations"}
        block |= {"citations": cited} if cited else {}
    caller = block.get("caller")
    if isinstance(caller, dict) and caller.get("tool_id") in {split_mark(one)[0] for one in runs}:
        block = {name: value for name, value in block.items() if name != "caller"}
    return block


def _strip(block: Any, mark: str) -> Any:
    if not isinstance(block, dict):
        return block
    kind = block.get("type")
    seal = SEALS.get(kind) if isinstance(kind, str) else None
    block = restore_ids(block, mark, LONGEST_ID, *RUN_IDS)
    return strip_marks(block, seal) if seal else block


def _strip_container(body: Mapping[str, Any]) -> dict[str, Any]:
    body = strip_marks(dict(body), "container")
    if isinstance(body.get("container"), dict):
        body["container"] = strip_marks(body["container"], "id")
    return body
