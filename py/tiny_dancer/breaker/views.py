"""The breakers as this process sees them.

A report changes this process's view at once; `commit` then puts the same events on the shared state
by compare-and-swap. Nothing here can be awaited by two requests, since on the edge each of them may
end at any await; what threads share changes under a lock that is never held across one.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Final

from ..checks import check_name
from ..config import BreakerConfig
from ..errors import InvalidInputError, StoreError, StoreLockedError
from .events import Effect, Event, Force, Granted, LeaseRequest, Report, Tick, Transition
from .lease import Lease
from .shared_states import SharedStates
from .snapshot import from_json, to_json
from .state import BreakerState, Mode, is_healthy, mode_at, retry_after_s
from .step import step
from .view import BreakerView, TimedEvent, apply_events

TRIES: Final = 20

MAX_BREAKERS: Final = 1_000
"""Models that may have a breaker; a name costs memory for as long as the process lives."""


class BreakerViews:
    """A breaker for each model that was reported on or is stored.

    Args:
        config: settings of every breaker.
        patience_s: how long successes of a closed breaker may wait to be shared, in seconds.
        states: where they are shared; None keeps them in this process.

    Attributes:
        swaps: states written so far.
        is_troubled: True where some breaker is not closed.
    """

    def __init__(
        self, config: BreakerConfig, patience_s: float, states: SharedStates | None = None
    ) -> None:
        """Start with every breaker closed."""
        self._config = config
        self._patience_s = patience_s
        self._states = states
        self._views: Mapping[str, BreakerView] = {}  # replaced, never changed: others iterate it
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
        most = self._config.max_probes
        waits = [retry_after_s(self.state(model), now, most) for model in models]
        return min((wait for wait in waits if wait is not None), default=None)

    def report(self, model: str, report: Report, now: float) -> tuple[Transition, ...]:
        """Count what became of a call; the changes of mode it made in this process's view.

        Raises:
            InvalidInputError: the name is none, or `MAX_BREAKERS` others have a breaker.
        """
        is_urgent = not report.ok or bool(report.lease)
        effects = self._apply(self._view(model), report, now, is_urgent=is_urgent)
        return tuple(effect for effect in effects if isinstance(effect, Transition))

    def adopt(self, states: Mapping[str, tuple[int, str]]) -> None:
        """Take over the shared states as loaded.

        Raises:
            StoreError: one of them cannot be read; the others are taken over.
        """
        fault: StoreError | None = None
        for model in states.keys() | self._views.keys():
            version, snapshot = states.get(model, (0, ""))
            try:
                state = from_json(snapshot) if version else BreakerState()
            except StoreError as error:
                fault = error
                continue
            with self._lock:
                self._add(model).adopt(state, version, self._config)
                self._look()
        if fault is not None:
            raise fault

    async def commit(self, now: float, *, everything: bool = False) -> None:
        """Put waiting reports on the shared states, if there are any.

        Successes of a closed breaker wait until `patience_s` has passed or something else happens.

        Raises:
            StoreError: it failed for some models; what could not be written waits.
        """
        fault: StoreError | None = None
        for model, view in self._views.items():
            try:
                await self._commit(model, view, now, everything=everything)
            except StoreError as error:  # no reason not to write the others
                fault = error
        if fault is not None:
            raise fault

    async def lease(self, model: str, now: float) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed.

        Where the store fails, this process leases for itself.
        """
        view = self._views.get(model)
        if view is None:
            return None
        if view.is_ahead(now):
            self._apply(view, Tick(), now, is_urgent=True)
        if mode_at(view.state, now) is not Mode.HALF_OPEN:
            return None
        request = LeaseRequest(os.urandom(8).hex())
        try:
            effects = await self._share(model, view, request, now)
        except StoreError:
            effects = self._apply(view, request, now, is_urgent=True)
        for effect in effects:
            if isinstance(effect, Granted):
                return Lease(model, effect.probe.id, effect.probe.expires_at)
        return None

    async def force(self, model: str, mode: Mode | None, now: float) -> None:
        """Hold a breaker open or closed, or set it free; stored when this returns.

        Raises:
            InvalidInputError: as for `report`.
            StoreError: it failed, and nothing is changed.
        """
        await self._share(model, self._view(model), Force(mode), now)

    def _view(self, model: str) -> BreakerView:
        view = self._views.get(model)
        if view is not None:
            return view
        check_name("model", model)
        with self._lock:
            if len(self._views) >= MAX_BREAKERS and model not in self._views:
                raise InvalidInputError(
                    f"model: {MAX_BREAKERS} models have a breaker, {model!r:.60} would be one more"
                )
            return self._add(model)

    def _add(self, model: str) -> BreakerView:
        view = self._views.get(model)
        if view is None:
            view = BreakerView()
            self._views = {**self._views, model: view}
        return view

    def _apply(
        self, view: BreakerView, event: Event, now: float, *, is_urgent: bool
    ) -> Sequence[Effect]:
        """Apply an event to this process's view, and share it later."""
        with self._lock:
            view.state, effects = step(view.state, event, now, self._config)
            self._look()
            if self._states is not None:
                view.enqueue(event, now, is_urgent=is_urgent or bool(effects))
        return effects

    async def _share(
        self, model: str, view: BreakerView, event: Event, now: float
    ) -> Sequence[Effect]:
        """Apply an event whose answer is needed to the shared state, after those that wait."""
        if self._states is None:
            return self._apply(view, event, now, is_urgent=True)
        await self._commit(model, view, now, everything=True)
        return await self._swap(self._states, model, view, ((now, event),))

    async def _commit(self, model: str, view: BreakerView, now: float, *, everything: bool) -> None:
        if self._states is None:
            return
        if view.is_ahead(now):
            self._apply(view, Tick(), now, is_urgent=True)
        with self._lock:
            events = view.dequeue(now, self._patience_s, everything=everything)
        if not events:
            return
        try:
            await self._swap(self._states, model, view, events)
        except BaseException:
            with self._lock:
                view.requeue(events)
            raise
        with self._lock:
            view.finish(events, now, self._config)
            self._look()

    async def _swap(
        self, states: SharedStates, model: str, view: BreakerView, events: Sequence[TimedEvent]
    ) -> Sequence[Effect]:
        """Apply events to the shared state, again from the start whenever somebody was faster."""
        shared, version, adoptions = view.shared, view.version, view.adoptions
        for attempt in range(TRIES):
            is_fresh = attempt > 0 or not version
            if is_fresh:
                version, snapshot = (await states.load()).get(model, (0, ""))
                shared = from_json(snapshot) if version else BreakerState()
            new, effects = apply_events(shared, events, self._config)
            if new == shared:
                if is_fresh:
                    break
                continue  # what is known may be old: look before saying that nothing changes
            changes = [effect for effect in effects if isinstance(effect, Transition)]
            if await states.swap(model, to_json(new), version, changes):
                version += 1
                break
            # Spread the next tries: in [0.5, 1) of 2, 4, 8 … 64 ms.
            spread = 0.5 + os.urandom(1)[0] / 512
            import asyncio  # it takes a third of the whole import, and most processes never swap

            await asyncio.sleep(spread * 0.001 * 2 ** min(attempt + 1, 6))
        else:
            raise StoreLockedError(f"breaker of {model!r}: {TRIES} tries, others were faster")
        with self._lock:
            self.swaps += 1
            if view.adoptions == adoptions or version >= view.version:  # else it is known better
                view.adopt(new, version, self._config)
            self._look()
        return effects

    def _look(self) -> None:
        self.is_troubled = any(view.is_open for view in self._views.values())
