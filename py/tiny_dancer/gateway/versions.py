"""Which version of the bundle and of the candidates this process has, and which there is.

Several processes serve one gateway; whoever changes what they share raises a number in the store,
and the others catch up at their next look.
"""

from typing import Final

from ..history import HistoryStore
from ..history.states.replacement import replace_state

KIND: Final = "generation"
BUNDLE, CANDIDATES = "bundle", "candidates"
AGE_S: Final = 5.0


class SharedVersions:
    """The numbers of what this process has."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._looked_at: float | None = None

    def is_due(self, now: float) -> bool:
        """True where the last look is 5 s ago; the next is then this caller's."""
        if self._looked_at is not None and 0 <= now - self._looked_at < AGE_S:
            return False
        self._looked_at = now
        return True

    async def find_changes(self, store: HistoryStore) -> dict[str, int]:
        """Versions of what others changed; each look finds them until they are taken."""
        states = await store.load_states(KIND)
        now = {name: state.version for name, state in states.items()}
        return {name: at for name, at in now.items() if at != self._seen.get(name, 0)}

    def take(self, name: str, version: int) -> None:
        """Note that this process has this version; not before it does, as it may fail or end."""
        self._seen[name] = version

    async def announce(self, store: HistoryStore, name: str) -> None:
        """Tell the others that something is new.

        Raises:
            StoreError: it could not be stored.
        """
        version = await replace_state(store, KIND, name, "{}")
        if self._seen.get(name, 0) == version - 1:  # else others changed it too: look
            self._seen[name] = version
