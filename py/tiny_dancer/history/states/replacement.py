"""A shared state replaced whatever it was: the one that comes last stays."""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Final

from ...errors import StoreLockedError
from ..records import EventRecord
from ..stores.store import HistoryStore

_TRIES: Final = 20


async def replace_state(
    store: HistoryStore,
    kind: str,
    name: str,
    text: str,
    describe: Callable[[int], Sequence[EventRecord]] = lambda version: (),
) -> int:
    """The version of a state once this text has taken its place, whichever version that had.

    Args:
        store: where it is.
        kind: the state's.
        name: the state's.
        text: the new one.
        describe: gives the events to keep with it, from the version it gets.

    Raises:
        StoreLockedError: others replaced it at every try.
        StoreError: the store failed.
    """
    for attempt in range(_TRIES):
        known = (await store.load_states(kind)).get(name)
        version = known.version if known is not None else 0
        if await store.swap_state(kind, name, text, version, describe(version + 1)):
            return version + 1
        # Spread the next tries: in [0.5, 1) of 2, 4, 8 … 64 ms.
        spread = 0.5 + os.urandom(1)[0] / 512
        await asyncio.sleep(spread * 0.001 * 2 ** min(attempt + 1, 6))
    raise StoreLockedError(f"{kind} {name:.60}: {_TRIES} tries, others were faster; try again")
