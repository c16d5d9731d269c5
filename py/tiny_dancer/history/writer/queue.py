"""What waits to be written: bounded, in order of arrival, filled and emptied by any thread.

Whoever writes takes a batch, and says afterwards that it is stored (`finish`) or not (`requeue`).
Stores skip what they hold already, so writing something twice is harmless, and a batch whose writer
is gone is simply taken back; no writer has to wait for another.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from threading import Event, Lock
from typing import Any, Final, TypeAlias

from ...errors import StoreFullError
from ..records import Outcome
from .queued_decision import QueuedDecision

WRITE_S: Final = 10.0
"""A batch out for so long is taken back: the request that wrote it may be gone."""

Items: TypeAlias = deque[tuple[int, Any]]
"""Records, each with the number it arrived under."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Records that somebody is writing.

    Attributes:
        items: the records with their numbers.
        source: where they came from.
        taken_at: when, in seconds.
    """

    items: Sequence[tuple[int, Any]]
    source: Items
    taken_at: float


class RecordQueue:
    """Decisions and outcomes that are not known to be stored.

    Args:
        size: records that may wait; then the oldest decisions are dropped.
        batch_size: records that are taken at once.

    Attributes:
        dropped: decisions pushed out of a full queue.
        full: set where a batch is full; whoever writes clears it.
    """

    def __init__(self, size: int, batch_size: int) -> None:
        """Start empty."""
        self.dropped = 0
        self.full = Event()
        self.decisions: Items = deque()
        self.outcomes: Items = deque()
        self._size = size
        self._batch_size = batch_size
        self._wake_at = min(batch_size, size)
        self._postponed: list[tuple[int, Any]] = []
        self._numbers = count(1)
        self._batches: set[Batch] = set()
        self._lock = Lock()

    def __len__(self) -> int:
        """Records not known to be stored."""
        taken = sum(len(batch.items) for batch in tuple(self._batches))
        return len(self.decisions) + len(self.outcomes) + len(self._postponed) + taken

    def draw_number(self) -> int:
        """A number that is higher than that of all records that arrived."""
        return next(self._numbers)

    def holds_until(self, number: int) -> bool:
        """True where a record of before this number, or one postponed, is not known as stored."""
        with self._lock:
            held = [*self.decisions, *self.outcomes]
            for batch in self._batches:
                held += batch.items
            return bool(self._postponed) or any(arrived < number for arrived, _ in held)

    def add_decision(self, decision: QueuedDecision) -> None:
        """Put a decision at the end; of a full queue the oldest one is dropped and counted."""
        self.decisions.append((next(self._numbers), decision))
        if len(self.decisions) >= self._wake_at:
            self.full.set()
            self._make_room()

    def add_outcome(self, outcome: Outcome) -> None:
        """Put an outcome at the end. It is never dropped.

        Raises:
            StoreFullError: the queue is full of outcomes.
        """
        item = (next(self._numbers), outcome)
        self.outcomes.append(item)
        if not self._make_room():
            with self._lock:
                if self.outcomes and self.outcomes[-1] is item:
                    self.outcomes.pop()
            raise StoreFullError(f"{self._size} outcomes wait to be stored")

    def take(self, source: Items, now: float) -> Batch | None:
        """The oldest records of a deque; None where it is empty."""
        items: list[tuple[int, Any]] = []
        with self._lock:
            while source and len(items) < self._batch_size:
                items.append(source.popleft())
            if not items:
                return None
            batch = Batch(items, source, now)
            self._batches.add(batch)
        return batch

    def finish(self, batch: Batch, early: Sequence[tuple[int, Any]] = ()) -> bool:
        """Forget a batch that is stored; False where somebody took it back meanwhile.

        Outcomes in `early` came before their decisions: they are kept, until `resume`.
        """
        with self._lock:
            is_ours = batch in self._batches
            if is_ours:
                self._batches.remove(batch)
                self._postponed += early
        return is_ours

    def requeue(self, batch: Batch) -> None:
        """Put a batch back where it stood, unless somebody did already."""
        with self._lock:
            if batch in self._batches:
                self._batches.remove(batch)
                _put_back(batch.source, batch.items)

    def split(self, batch: Batch) -> tuple[Batch, Batch]:
        """Two batches in the place of one."""
        half = len(batch.items) // 2
        one = Batch(batch.items[:half], batch.source, batch.taken_at)
        two = Batch(batch.items[half:], batch.source, batch.taken_at)
        with self._lock:
            if batch in self._batches:
                self._batches.remove(batch)
                self._batches |= {one, two}
        return one, two

    def resume(self) -> None:
        """Put back the outcomes that were postponed."""
        with self._lock:
            _put_back(self.outcomes, sorted(self._postponed, key=itemgetter(0)))
            self._postponed.clear()

    def requeue_lost(self, now: float, *, everything: bool = False) -> None:
        """Take back the batches that are out for too long."""
        for batch in tuple(self._batches):
            if everything or not 0 <= now - batch.taken_at < WRITE_S:
                self.requeue(batch)

    def decision_ids(self) -> set[str]:
        """Decisions that are not stored yet."""
        with self._lock:
            waiting = [*self.decisions]
            for batch in self._batches:
                if batch.source is self.decisions:
                    waiting += batch.items
        return {decision.response.decision_id for _, decision in waiting}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.decisions.clear()
            self.outcomes.clear()
            self._postponed.clear()
            self._batches.clear()

    def _make_room(self) -> bool:
        """Drop decisions until the queue is no longer than it may be; False where none is left."""
        while len(self) > self._size:
            with self._lock:
                if not self.decisions:
                    return False
                self.decisions.popleft()
                self.dropped += 1
        return True


def _put_back(source: Items, items: Sequence[tuple[int, Any]]) -> None:
    """Put items at the front, in the order of arrival also with those that are back already."""
    if not items:
        return
    last, back = items[-1][0], list(items)
    while source and source[0][0] < last:
        back.append(source.popleft())
    source.extendleft(sorted(back, key=itemgetter(0), reverse=True))
