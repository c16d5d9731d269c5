"""The breakers as this process sees them: the shared state, and reports that are not on it yet.

A report changes this process's view at once; `commit` then puts the same events on the shared state
by compare-and-swap. Nothing here can be awaited by two requests, since on the edge each of them may
end at any await; what threads share changes under a lock that is never held across one.
"""

import asyncio
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, TypeAlias

from ..config import BreakerConfig
from ..errors import StoreError, StoreLockedError
from ..history.records import EventRecord
from ..history.store import HistoryStore, Versioned
from .events import Effect, Event, Force, Granted, LeaseRequest, Report, Transition
from .lease import Lease
from .snapshot import from_json, to_json
from .state import BreakerState, Mode, is_healthy, mode_at, retry_after_s
from .step import step

KIND: Final = "breaker"

FLIGHT_S: Final = 10.0
"""A write not answered for so long is taken over by the next: its request may be gone."""

MAX_WAITING: Final = 1_000
"""Reports of a model that wait; older ones have left the breaker's window anyway."""

CROWD: Final = 200
"""So many are shared at once, even where all are successes."""

TRIES: Final = 20
_Timed: TypeAlias = tuple[float, Event]


@dataclass(slots=True)
class _View:
    """One breaker: the shared state as last seen, and the events not on it yet."""

    shared: BreakerState = field(default_factory=BreakerState)
    version: int = 0
    flying: tuple[_Timed, ...] = ()
    flown_at: float = 0.0
    waiting: list[_Timed] = field(default_factory=list)
    urgent: bool = False
    committed_at: float = 0.0
    state: BreakerState = field(default_factory=BreakerState)


class BreakerViews:
    """A breaker for each model that was reported on or is stored.

    Args:
        settings: of every breaker.
        patience_s: how long successes of a closed breaker may wait to be shared, in seconds.
        stored: False where there is no store to share them through.

    Attributes:
        swaps: states written so far.
        is_troubled: True where some breaker is not closed.
    """

    def __init__(self, settings: BreakerConfig, patience_s: float, *, stored: bool) -> None:
        """Start with every breaker closed."""
        self._settings = settings
        self._patience_s = patience_s
        self._stored = stored
        self._views: dict[str, _View] = {}
        self._lock = Lock()
        self.swaps = 0
        self.is_troubled = False

    def models(self) -> list[str]:
        """The models that have a breaker."""
        return sorted(self._views)

    def state(self, model: str) -> BreakerState:
        """The state of a model's breaker, with this process's reports."""
        view = self._views.get(model)
        return view.state if view else BreakerState()

    def is_healthy(self, model: str, now: float, lease: Lease | None = None) -> bool:
        """True where a request may go to the model: closed, or half-open with a lease for it."""
        view = self._views.get(model)
        if view is None or is_healthy(view.state, now):
            return True
        return (
            lease is not None
            and lease.model == model
            and now < lease.expires_at
            and mode_at(view.state, now) is Mode.HALF_OPEN
        )

    def retry_after_s(self, models: Iterable[str], now: float) -> float | None:
        """Seconds until the first of these models may be probed; None where nobody can tell."""
        most = self._settings.max_probes
        waits = [retry_after_s(self.state(model), now, most) for model in models]
        return min((wait for wait in waits if wait is not None), default=None)

    def report(self, model: str, report: Report, now: float) -> tuple[Transition, ...]:
        """Count what became of a call; the changes of mode it made in this process's view."""
        effects = self._locally(model, report, now, urgent=not report.ok or bool(report.lease))
        return tuple(effect for effect in effects if isinstance(effect, Transition))

    def see(self, states: Mapping[str, Versioned]) -> None:
        """Take over the shared states as loaded.

        Raises:
            StoreCorruptError, SchemaError: one of them cannot be read; the others are taken over.
        """
        fault: StoreError | None = None
        for model in states.keys() | self._views.keys():
            stored = states.get(model, Versioned(0, ""))
            try:
                state = from_json(stored.text) if stored.version else BreakerState()
            except StoreError as error:
                fault = error
                continue
            self._take(self._view(model), state, stored.version)
        if fault is not None:
            raise fault

    async def commit(self, store: HistoryStore, now: float, *, everything: bool = False) -> None:
        """Put waiting reports on the shared states.

        Successes of a closed breaker wait until `patience_s` has passed or something else happens.

        Raises:
            StoreError: it failed; what could not be written waits.
        """
        for model, view in list(self._views.items()):
            events = self._depart(view, now, everything)
            if not events:
                continue
            try:
                await self._swap(store, model, events)
            except BaseException:
                with self._lock:
                    if view.flying is events:
                        view.waiting[:0], view.flying, view.urgent = events, (), True
                raise
            with self._lock:
                if view.flying is events:
                    view.flying, view.committed_at = (), now
                    self._fold(view)

    async def lease(self, store: HistoryStore | None, model: str, now: float) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed.

        Where the store fails, this process leases for itself.
        """
        if mode_at(self.state(model), now) is not Mode.HALF_OPEN:
            return None
        request = LeaseRequest(os.urandom(8).hex())
        try:
            if store is None:
                effects = self._locally(model, request, now, urgent=True)
            else:
                effects = await self._shared(store, model, request, now)
        except StoreError:
            effects = self._locally(model, request, now, urgent=True)
        for effect in effects:
            if isinstance(effect, Granted):
                return Lease(model, effect.probe.id, effect.probe.expires_at)
        return None

    async def force(
        self, store: HistoryStore | None, model: str, mode: Mode | None, now: float
    ) -> None:
        """Hold a breaker open or closed, or set it free; stored when this returns.

        Raises:
            StoreError: it failed, and nothing is changed.
        """
        if store is None:
            self._locally(model, Force(mode), now, urgent=True)
        else:
            await self._shared(store, model, Force(mode), now)

    def _locally(self, model: str, event: Event, now: float, *, urgent: bool) -> Sequence[Effect]:
        view = self._view(model)
        with self._lock:
            view.state, effects = step(view.state, event, now, self._settings)
            self._look()
            if self._stored:
                view.waiting.append((now, event))
                del view.waiting[:-MAX_WAITING]
                crowded = len(view.waiting) >= CROWD
                view.urgent = view.urgent or urgent or crowded or bool(effects)
        return effects

    async def _shared(
        self, store: HistoryStore, model: str, event: Event, now: float
    ) -> Sequence[Effect]:
        """Apply an event whose answer is needed, after the reports that wait."""
        view = self._view(model)
        view.urgent = bool(view.waiting)
        await self.commit(store, now)
        effects = await self._swap(store, model, ((now, event),))
        with self._lock:
            self._fold(view)
        return effects

    def _view(self, model: str) -> _View:
        return self._views.setdefault(model, _View())

    def _depart(self, view: _View, now: float, everything: bool) -> tuple[_Timed, ...]:
        """The events to write now; they fly until the swap has landed."""
        with self._lock:
            if view.flying and not 0 <= now - view.flown_at < FLIGHT_S:
                view.waiting[:0], view.flying, view.urgent = view.flying, (), True
            waited = now - view.committed_at
            due = everything or view.urgent or not 0 <= waited < self._patience_s
            if view.flying or not due:
                return ()
            view.flying, view.waiting, view.flown_at = tuple(view.waiting), [], now
            view.urgent = False
            return view.flying

    async def _swap(
        self, store: HistoryStore, model: str, events: Sequence[_Timed]
    ) -> Sequence[Effect]:
        """Apply events to the shared state, again from the start whenever somebody was faster."""
        view = self._view(model)
        shared, version = view.shared, view.version
        for attempt in range(TRIES):
            if attempt or not version:
                stored = (await store.load_states(KIND)).get(model)
                shared = from_json(stored.text) if stored else BreakerState()
                version = stored.version if stored else 0
            new, effects = _folded(shared, events, self._settings)
            if new == shared:
                break
            records = _records(model, version + 1, effects)
            if await store.swap_state(KIND, model, to_json(new), version, records):
                version += 1
                break
            # Spread the next tries: in [0.5, 1) of 2, 4, 8 … 64 ms.
            spread = 0.5 + os.urandom(1)[0] / 512
            await asyncio.sleep(spread * 0.001 * 2 ** min(attempt + 1, 6))
        else:
            raise StoreLockedError(f"breaker of {model!r}: {TRIES} tries, others were faster")
        self.swaps += 1
        self._take(view, new, version)
        return effects

    def _take(self, view: _View, shared: BreakerState, version: int) -> None:
        with self._lock:
            view.shared, view.version = shared, version
            self._fold(view)

    def _fold(self, view: _View) -> None:
        events = (*view.flying, *view.waiting)
        view.state, _ = _folded(view.shared, events, self._settings)
        self._look()

    def _look(self) -> None:
        calm = (Mode.CLOSED, Mode.FORCED_CLOSED)
        self.is_troubled = any(view.state.mode not in calm for view in self._views.values())


def _folded(
    state: BreakerState, events: Iterable[_Timed], config: BreakerConfig
) -> tuple[BreakerState, list[Effect]]:
    effects: list[Effect] = []
    for at, event in events:
        state, new = step(state, event, at, config)
        effects += new
    return state, effects


def _records(model: str, version: int, effects: Iterable[Effect]) -> list[EventRecord]:
    """One record for each change of mode."""
    changes = [effect for effect in effects if isinstance(effect, Transition)]
    return [
        EventRecord(
            kind=KIND, name=model, version=version, n=n, at=change.at, text=_transition_json(change)
        )
        for n, change in enumerate(changes)
    ]


def _transition_json(change: Transition) -> str:
    names = ("before", "after", "cause", "until")
    return json.dumps({name: getattr(change, name) for name in names}, separators=(",", ":"))
