"""Whose the items, the earlier answer and the kept state of a responses request are."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...routing.mark import put_mark, restore_ids, split_mark, strip_marks
from ...routing.pin import Pin, find_pin
from ..shape import list_objects, list_texts

SEALS: Final = ("id", "encrypted_content")
"""Fields of an item that its maker knows it by."""

CALLS: Final = ("call_id", "approval_request_id")
"""Fields that tell which call an item is, or belongs to."""

RUNS: Final = ("mcp_list_tools", "mcp_approval_request", "mcp_approval_response")
"""Types of items about tools that the server runs itself, beside the calls without `call_id`."""

LONGEST_ID: Final = 64
"""Characters of a call's id that OpenAI takes."""

CONTAINER: Final = "container_id"


def mark_item(item: Any, mark: str) -> bool:
    """Put the maker's mark on an item; False where there is nothing to mark."""
    return any([put_mark(item, name, mark) for name in (*SEALS, *CALLS, CONTAINER)])


def find_response_pin(body: Mapping[str, Any], tail: int) -> Pin | None:
    """What ties a responses request to an upstream.

    Args:
        body: of the request.
        tail: how many items there are from the user's last turn on.
    """
    items = list_objects(body.get("input"))
    loop = items[-tail:]
    calls = [one for one in loop if _is_kind(one, "_call", "_approval_request")]
    results = [one for one in loop if _is_kind(one, "_output", "_approval_response")]
    sealed = [one for one in loop if one.get("type") == "reasoning" or is_run(one)]
    return find_pin(
        state=[*_list_kept(body), *_list_kept_items(items)],
        thinking=[text for one in sealed for text in list_texts(*map(one.get, SEALS))],
        calls=list_texts(*(one.get("call_id") or one.get("id") for one in calls)),
        results=list_texts(*(one.get(name) for one in results for name in CALLS)),
        is_running=bool(calls or results),
    )


def leave_own_response(
    body: Mapping[str, Any], mark: str, tail: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The request as an upstream gets it, and the names of what was left out.

    Every id goes to its maker as it was given, and so do an upstream's own items. The reasoning of
    others is left out, and so is what carries no mark and is of a turn that is over:
    whose it is, nobody knows. Calls that the server of another ran are left out too. Other items of
    others lose their id.

    Args:
        body: of the request.
        mark: the upstream's.
        tail: how many items there are from the user's last turn on.
    """
    body = _strip_body(body)
    items = body.get("input")
    if not isinstance(items, list):
        return body, ()
    kept: list[Any] = []
    left_out: dict[str, None] = {}
    for at, item in enumerate(items):
        if not isinstance(item, dict):
            kept.append(item)
            continue
        found = next(_list_marks(item), None)
        is_running = at >= len(items) - tail
        is_own = found == mark or (found is None and is_running)
        if item.get("type") == "reasoning" and not is_own:
            left_out["reasoning"] = None
            continue
        if is_run(item) and not _is_run_by(item, mark):
            left_out[item["type"]] = None
            continue
        stripped = restore_ids(strip_marks(item, *SEALS, CONTAINER), mark, LONGEST_ID, *CALLS)
        if found not in (None, mark):
            stripped = {name: value for name, value in stripped.items() if name != "id"}
        kept.append(stripped)
    return {**body, "input": kept}, tuple(left_out)


def is_run(item: Mapping[str, Any]) -> bool:
    """True for what the server runs itself, and for what it asks and is told of that."""
    return _is_kind(item, *RUNS) or (_is_kind(item, "_call") and not item.get("call_id"))


def _is_run_by(item: Mapping[str, Any], mark: str) -> bool:
    """True where the upstream with a mark ran it, or nobody knows who did."""
    ids = list_texts(item.get("approval_request_id") or item.get("id"))
    return all(split_mark(one)[1] in (None, mark) for one in ids)


def _list_kept(body: Mapping[str, Any]) -> Iterator[str]:
    """Ids of what a server keeps, as the request's fields name them."""
    yield from list_texts(body.get("previous_response_id"))
    for name in ("conversation", "prompt"):
        value = body.get(name)
        yield from list_texts(value.get("id") if isinstance(value, dict) else value)
    for tool in list_objects(body.get("tools")):
        holder = tool.get("container")
        yield from list_texts(holder)
        for files in (tool.get("vector_store_ids"), isinstance(holder, dict) and holder):
            files = files.get("file_ids") if isinstance(files, dict) else files
            yield from list_texts(*files) if isinstance(files, list) else ()


def _list_kept_items(items: list[dict[str, Any]]) -> Iterator[str]:
    """The same, as items name them: references, files, and what is encrypted for good."""
    for item in items:
        kind = item.get("type")
        if kind == "item_reference":
            yield from list_texts(item.get("id"))
        elif kind != "reasoning":
            yield from list_texts(item.get("encrypted_content"))
        for parts in (item.get("content"), item.get("output")):
            for part in list_objects(parts):
                yield from list_texts(part.get("file_id"))


def _is_kind(item: Mapping[str, Any], *ends: str) -> bool:
    kind = item.get("type")
    return isinstance(kind, str) and kind.endswith(ends)


def _list_marks(item: Mapping[str, Any]) -> Iterator[str]:
    for seal in SEALS:
        mark = split_mark(item[seal])[1] if isinstance(item.get(seal), str) else None
        if mark is not None:
            yield mark


def _strip_body(body: Mapping[str, Any]) -> dict[str, Any]:
    body = strip_marks(dict(body), "previous_response_id", "conversation")
    if isinstance(body.get("conversation"), dict):
        body["conversation"] = strip_marks(body["conversation"], "id")
    if isinstance(body.get("tools"), list):
        body["tools"] = [
            strip_marks(one, "container") if isinstance(one, dict) else one for one in body["tools"]
        ]
    return body
