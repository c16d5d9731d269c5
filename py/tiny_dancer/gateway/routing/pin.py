"""What ties a request to the upstream that made what it carries. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..http.api_error import ApiError
from .mark import split_mark


class Tie(StrEnum):
    """Why a request belongs to an upstream; the strongest one counts."""

    STATE = "state"
    """Its server keeps what the request refers to."""
    THINKING = "thinking"
    """It signed or encrypted the thinking of the tool loop that is running."""
    CALLS = "calls"
    """It made the tool calls of the loop that is running."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The tie of a request to an upstream.

    Attributes:
        tie: its kind.
        mark: of the upstream; None where the ids do not say whose they are.
        caller: mark of the upstream that made the running loop's last call.
        has_moved: True where the running loop was another upstream's before that.
        state: ids without a mark of what a server keeps.
    """

    tie: Tie
    mark: str | None = None
    caller: str | None = None
    has_moved: bool = False
    state: tuple[str, ...] = ()


def find_pin(
    *,
    state: Iterable[str],
    thinking: Iterable[str],
    calls: Iterable[str],
    results: Iterable[str],
    is_running: bool,
) -> Pin | None:
    """The tie of a request; None where any upstream can go on with it.

    Args:
        state: ids of what a server keeps.
        thinking: signatures, and encrypted reasoning, of the loop that is running.
        calls: ids of that loop's tool calls, in their order.
        results: the ids that the results of its tools name; they count where no call says more.
        is_running: True where there is such a loop.

    Raises:
        ApiError: 400 where two upstreams keep what the request refers to.
    """
    loop = _list_marks(calls) or _list_marks(results)
    caller, has_moved = loop[-1] if loop else None, len(set(loop)) > 1
    kept = {one: split_mark(one)[1] for one in state}
    if kept:
        marks = dict.fromkeys(mark for mark in kept.values() if mark is not None)
        if len(marks) > 1:
            raise ApiError(
                400,
                "The request refers to what two upstreams keep, and neither has both.",
                code="state_of_two_upstreams",
            )
        unmarked = tuple(one for one, mark in kept.items() if mark is None)
        return Pin(Tie.STATE, next(iter(marks), None), caller, has_moved, unmarked)
    thoughts = list(thinking)
    if thoughts:
        marks_of_thoughts = _list_marks(thoughts)
        thinker = marks_of_thoughts[-1] if marks_of_thoughts else None
        if caller in (None, thinker) or thinker is None:
            return Pin(Tie.THINKING, thinker or caller, caller, has_moved)
    return Pin(Tie.CALLS, caller, caller, has_moved) if is_running or thoughts else None


def _list_marks(texts: Iterable[str]) -> list[str]:
    return [mark for text in texts if (mark := split_mark(text)[1]) is not None]
