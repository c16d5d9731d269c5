"""Whose the earlier reasoning, and the earlier answer, of a conversation are."""

from collections.abc import Mapping
from typing import Any, Final

from ...routing.mark import split_mark

SEALS: Final = ("id", "encrypted_content")
"""Fields of an item of reasoning that its maker knows it by."""


def mark_item(item: Any, mark: str) -> bool:
    """Put the maker's mark on an item of reasoning; False where it is none."""
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return False
    for seal in SEALS:
        if isinstance(item.get(seal), str) and item[seal]:
            item[seal] += mark
    return True


def find_owner(body: Mapping[str, Any]) -> str | None:
    """The mark of the only upstream that can go on with a request; None for any.

    That is the one that keeps the answer before it, else the one that reasoned in the loop that
    is running: in what follows the user's last turn.
    """
    previous = body.get("previous_response_id")
    if isinstance(previous, str):
        return split_mark(previous)[1]
    items = body.get("input")
    if isinstance(items, list):
        for item in items[find_loop(items) :]:
            if isinstance(item, dict) and item.get("type") == "reasoning":
                mark = _find_mark(item)
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

    Its own reasoning goes back to it as it gave it. That of others is left out, and so is what
    carries no mark and is of a turn that is over: whose it is, nobody knows.

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
        if not isinstance(item, dict) or item.get("type") != "reasoning":
            kept.append(item)
            continue
        found = _find_mark(item)
        if found == mark or (found is None and at >= loop):
            kept.append(_strip(item))
        else:
            is_less = True
    return {**body, "input": kept}, is_less


def _find_mark(item: Mapping[str, Any]) -> str | None:
    for seal in SEALS:
        if isinstance(item.get(seal), str):
            mark = split_mark(item[seal])[1]
            if mark is not None:
                return mark
    return None


def _strip(item: Mapping[str, Any]) -> dict[str, Any]:
    stripped = {
        seal: split_mark(item[seal])[0] for seal in SEALS if isinstance(item.get(seal), str)
    }
    return {**item, **stripped}
