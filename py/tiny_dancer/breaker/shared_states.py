"""Where processes share the states of breakers, as far as a breaker needs to know."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from .events import Transition


class SharedStates(Protocol):
    """Snapshots of breakers by model, changed by compare-and-swap only.

    Both methods raise StoreError where what holds them fails; nothing is changed then.
    """

    async def load(self) -> Mapping[str, tuple[int, str]]:
        """Version, from 1 on, and snapshot of every model's breaker."""

    async def swap(
        self, model: str, snapshot: str, version: int, changes: Sequence[Transition]
    ) -> bool:
        """Replace a snapshot if its version still is this one (0: not there yet).

        The changes of mode are kept with it. False: somebody else was faster; load again.
        """
