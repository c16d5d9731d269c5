"""The states of breakers in a history store."""

from collections.abc import Mapping, Sequence
from typing import Final

from ...breaker.events import Transition
from ...breaker.shared_states import SharedStates
from ...breaker.snapshot import transition_to_json
from ..records import EventRecord
from ..stores.store import HistoryStore

KIND: Final = "breaker"


class BreakerStates(SharedStates):
    """A breaker's shared states, each change of mode an event of its swap.

    Args:
        store: where they are.
    """

    def __init__(self, store: HistoryStore) -> None:
        """Ask the store nothing."""
        self._store = store

    async def load(self) -> Mapping[str, tuple[int, str]]:
        """Version and snapshot by model."""
        states = await self._store.load_states(KIND)
        return {model: (state.version, state.text) for model, state in states.items()}

    async def swap(
        self, model: str, snapshot: str, version: int, changes: Sequence[Transition]
    ) -> bool:
        """Replace a snapshot if its version still is this one."""
        events = [
            EventRecord(
                kind=KIND,
                name=model,
                version=version + 1,
                n=n,
                at=change.at,
                text=transition_to_json(change),
            )
            for n, change in enumerate(changes)
        ]
        return await self._store.swap_state(KIND, model, snapshot, version, events)
