"""One model's breaker as this process sees it: the shared state, and events not on it yet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ..config import BreakerConfig
from .events import Effect, Event
from .state import BreakerState, Mode
from .step import step

WRITE_S: Final = 10.0
"""A write not answered for so long is done again by the next: its request may be gone."""

MAX_WAITING: Final = 1_000
"""Events that wait; older ones have left the breaker's window anyway."""

MANY: Final = 200
"""So many are shared at once, even where all are successes."""

TimedEvent: TypeAlias = tuple[float, Event]


@dataclass(slots=True)
class BreakerView:
    """Whoever calls a method holds the lock of `BreakerViews`.

    Attributes:
        shared: the shared state as last seen.
        version: its version; 0 where there is none.
        state: the same with the events below.
        writing: events that somebody puts on the shared state at this moment.
        writing_since: since when, in seconds.
        waiting: events for the next write.
        is_urgent: True where they should not wait for others to come.
        written_at: when events were last shared, in seconds.
        adoptions: how often a shared state was taken over.
    """

    shared: BreakerState = field(default_factory=BreakerState)
    version: int = 0
    state: BreakerState = field(default_factory=BreakerState)
    writing: tuple[TimedEvent, ...] = ()
    writing_since: float = 0.0
    waiting: list[TimedEvent] = field(default_factory=list)
    is_urgent: bool = False
    written_at: float = 0.0
    adoptions: int = 0

    @property
    def is_open(self) -> bool:
        """True where calls do not go through as usual, as of the last event."""
        return self.state.mode not in (Mode.CLOSED, Mode.FORCED_CLOSED)

    def is_ahead(self, now: float) -> bool:
        """True where it opened, or let a probe through, after `now`: the clock went back."""
        state = self.state
        opened = state.mode is Mode.OPEN and state.opened_at > now
        return opened or any(probe.granted_at > now for probe in state.probes)

    def enqueue(self, event: Event, now: float, *, is_urgent: bool) -> None:
        """Put an event on the next write."""
        self.waiting.append((now, event))
        del self.waiting[:-MAX_WAITING]
        self.is_urgent = self.is_urgent or is_urgent or len(self.waiting) >= MANY

    def dequeue(self, now: float, patience_s: float, *, everything: bool) -> tuple[TimedEvent, ...]:
        """The events to write now; until `finish` or `requeue` nobody else gets any."""
        if self.writing and not 0 <= now - self.writing_since < WRITE_S:
            self.requeue(self.writing)
        is_due = everything or self.is_urgent or not 0 <= now - self.written_at < patience_s
        if self.writing or not is_due:
            return ()
        self.writing, self.waiting, self.writing_since = tuple(self.waiting), [], now
        self.is_urgent = False
        return self.writing

    def requeue(self, events: tuple[TimedEvent, ...]) -> None:
        """Put back what was not written, unless somebody did already."""
        if self.writing is events:
            self.waiting[:0], self.writing, self.is_urgent = events, (), True

    def finish(self, events: tuple[TimedEvent, ...], now: float, config: BreakerConfig) -> None:
        """Forget what was written."""
        if self.writing is events:
            self.writing, self.written_at = (), now
            self.update(config)

    def adopt(self, shared: BreakerState, version: int, config: BreakerConfig) -> None:
        """Take over a shared state."""
        self.shared, self.version = shared, version
        self.adoptions += 1
        self.update(config)

    def update(self, config: BreakerConfig) -> None:
        """Put the events that are not shared yet on the shared state."""
        self.state, _ = apply_events(self.shared, (*self.writing, *self.waiting), config)


def apply_events(
    state: BreakerState, events: Iterable[TimedEvent], config: BreakerConfig
) -> tuple[BreakerState, list[Effect]]:
    """The state after these events, and all their effects."""
    effects: list[Effect] = []
    for at, event in events:
        state, new = step(state, event, at, config)
        effects += new
    return state, effects
