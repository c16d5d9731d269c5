"""A shared state replaced whatever it was: the one that comes last stays."""

from collections.abc import Callable, Sequence
from typing import Final

from ...errors import StoreError
from ..records import EventRecord
from ..stores.store import HistoryStore

_TRIES: Final = 5


async def replace_state(
    store: HistoryStore,
    kind: str,
    name: str,
    text: str,
    describe: Callable[[int], Sequence[EventRecord]] = lambda version: (),
) -> None:
    """Put a text in the place of a state, whichever version that has.

    Args:
        store: where it is.
        kind: the state's.
        name: the state's.
        text: the new one.
        describe: gives the events to keep with it, from the version it gets.

    Raises:
        StoreError: others replaced it at every try, or the store failed.
    """
    for _ in range(_TRIES):
        known = (await store.load_states(kind)).get(name)
        version = known.version if known is not None else 0
        if await store.swap_state(kind, name, text, version, describe(version + 1)):
            return
    raise StoreError(f"{kind}: others stored theirs at every try; try again")
