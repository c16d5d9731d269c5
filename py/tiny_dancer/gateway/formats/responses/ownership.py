"""Whose the earlier items, and the earlier answer, of a conversation are."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...routing.mark import split_mark

SEALS: Final = ("id", "encrypted_content")
"""Fields of an item that its maker knows it by."""


def mark_item(item: Any, mark: str) -> bool:
    """Put the maker's mark on an item; False where there is nothing to mark."""
    if not isinstance(item, dict):
        return False
    found = [seal for seal in SEALS if isinstance(item.get(seal), str) and item[seal]]
    for seal in found:
        item[seal] += mark
    return bool(found)


def find_owner(body: Mapping[str, Any]) -> str | None:
    """The mark of the only upstream that can go on with a request; None for any.

    That is the one that keeps the answer before it or an item it refers to, else the one that
    reasoned in the loop that is running: in what follows the user's last turn.
    """
    previous = body.get("previous_response_id")
    if isinstance(previous, str):
        return split_mark(previous)[1]
    items = body.get("input")
    if not isinstance(items, list):
        return None
    loop = find_loop(items)
    for at, item in enumerate(items):
        kind = item.get("type") if isinstance(item, dict) else None
        if kind == "item_reference" or (kind == "reasoning" and at >= loop):
            mark = next(_list_marks(item), None)
            if mark is not None:
                return mark
    return None


def find_loop(items: list[Any]) -> int:
    """Place of the user's last turn; the first item where there is none."""
    for at in range(len(items) - 1, -1, -1):
        if isinstance(items[at], dict) and items[at].get("role") == "user":
            return at
    return 0


def leave_own(body: Mapping[str, Any], mark: str) -> tuple[dict[str, Any], bool]:
    """The request as an upstream gets it, and whether reasoning was left out.

    Its own items go back to it as it gave them. The reasoning of others is left out, and so is
    what carries no mark and is of a turn that is over: whose it is, nobody knows. Other items of
    others lose their id.

    Args:
        body: of the request.
        mark: the upstream's.
    """
    body, is_less = dict(body), False
    if isinstance(body.get("previous_response_id"), str):
        body["previous_response_id"] = split_mark(body["previous_response_id"])[0]
    items = body.get("input")
    if not isinstance(items, list):
        return body, False
    kept, loop = [], find_loop(items)
    for at, item in enumerate(items):
        if not isinstance(item, dict):
            kept.append(item)
            continue
        found = next(_list_marks(item), None)
        if item.get("type") != "reasoning":
            is_foreign = found is not None and found != mark
            kept.append(
                {n: v for n, v in item.items() if n != "id"} if is_foreign else _strip(item)
            )
        elif found == mark or (found is None and at >= loop):
            kept.append(_strip(item))
        else:
            is_less = True
    return {**body, "input": kept}, is_less


def _list_marks(item: Mapping[str, Any]) -> Iterator[str]:
    for seal in SEALS:
        mark = split_mark(item[seal])[1] if isinstance(item.get(seal), str) else None
        if mark is not None:
            yield mark


def _strip(item: Mapping[str, Any]) -> dict[str, Any]:
    stripped = {
        seal: split_mark(item[seal])[0] for seal in SEALS if isinstance(item.get(seal), str)
    }
    return {**item, **stripped}
