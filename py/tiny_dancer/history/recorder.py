"""All a router needs of the history: counters, breakers, queue, and on CPython the thread.

What writes to a store is imported where there is one.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakSet, finalize

from ..breaker.events import Report
from ..breaker.lease import Lease
from ..breaker.state import Mode, mode_at
from ..config import BreakerConfig, HistoryConfig
from ..errors import InvalidInputError, StoreError
from .readings.metrics import RoutingCounters, RoutingMetrics
from .records.prompt_hash import PromptHasher
from .states.views import Views
from .writer.intake import EndedIntake, Intake

if TYPE_CHECKING:
    from .records import Outcome
    from .stores.store import HistoryStore
    from .writer.thread import WriterThread
    from .writer.writer import Writer


class Recorder:
    """Counts and queues without waiting; writes when there is time.

    On CPython a thread writes. Elsewhere somebody has to call `drain` after an answer: the Worker
    under `waitUntil`, the tab's worker when it is idle.

    Args:
        store: where records go, closed with this object; None keeps counters only.
        config: sizes, ages, prices.
        breaker: settings of the breakers; None switches them off.
        clock: gives seconds since 1970.

    Attributes:
        store, clock: as given.
        views: what decisions know of the shared states.
        intake: takes decisions without waiting.
        keeps_inputs: True where they hold the inputs of the heads.
    """

    _writer: "Writer | None" = None
    _thread: "WriterThread | None" = None

    def __init__(
        self,
        store: "HistoryStore | None",
        config: HistoryConfig,
        breaker: BreakerConfig | None,
        clock: Callable[[], float],
    ) -> None:
        if store is not None and not hasattr(store, "record_routings"):
            raise InvalidInputError(
                f"store: a HistoryStore is needed, such as SQLiteStore(path), got {store!r:.40}"
            )
        self.views = Views(store, config, breaker or BreakerConfig())
        self.keeps_inputs = store is not None and config.head_inputs
        self._counters = RoutingCounters()
        self._has_breakers = breaker is not None
        self._prices = config.prices
        self.clock = clock
        self.store = store
        can_wake = store is not None and sys.platform != "emscripten"
        hasher = PromptHasher(is_wanted=config.hash_prompts)
        self._ended: str | None = None
        self._leave: finalize[..., Recorder] | None = None
        self.intake: Intake | EndedIntake
        if store is None:
            self.intake = Intake(self._counters, None, hasher, clock, can_wake=can_wake)
            return
        from .writer.queue import RecordQueue
        from .writer.writer import Writer

        queue = RecordQueue(config.queue, config.batch)
        self.intake = Intake(self._counters, queue, hasher, clock, can_wake=can_wake)
        self._writer = Writer(store, self.intake, queue, hasher, self.views, config, clock)
        if can_wake:
            from .writer.thread import WriterThread

            self._thread = WriterThread(self._writer, config.flush_s)

    # ------------------------------------------------------------ without waiting

    def check_health(self, models: Sequence[str], lease: Lease | None = None) -> list[bool]:
        """By model, whether requests may go to it."""
        now, breakers = self.clock(), self.views.breakers
        return [not self._has_breakers or breakers.is_healthy(m, now, lease) for m in models]

    def retry_after_s(self, models: Sequence[str]) -> float | None:
        """Seconds until the first of these models may be probed; None where nobody can tell."""
        return self.views.breakers.retry_after_s(models, self.clock())

    def is_healthy(self, model: str) -> bool | None:
        """True healthy, False open or half-open, None where breakers are off."""
        if not self._has_breakers:
            return None
        return self.views.breakers.is_healthy(model, self.clock())

    def report(self, model: str, report: Report) -> None:
        """Count what became of a call."""
        if self._has_breakers:
            for change in self.views.breakers.report(model, report, self.clock()):
                self._counters.count_transition(model, change.after)

    def record_outcome(
        self, outcome: "Outcome", model: str | None = None, powerful: str | None = None
    ) -> None:
        """Queue an outcome; where prices are set, costs that it leaves out follow from its tokens.

        Args:
            outcome: what became of a decision.
            model: who answered, for the price.
            powerful: name of the powerful model, for the price.

        Raises:
            StoreFullError: the queue is full of outcomes.
        """
        if self._prices:
            outcome = self._with_costs(outcome, model, powerful)
        self._check_open()
        if self._writer is not None:
            self._writer.queue.add_outcome(outcome)
        self._counters.count_outcome(outcome)

    def metrics(self) -> RoutingMetrics:
        """A reading of the counters."""
        self.intake.process()
        now, breakers, writer = self.clock(), self.views.breakers, self._writer
        modes = {model: mode_at(breakers.state(model), now) for model in breakers.models()}
        return self._counters.read(
            modes if self._has_breakers else {},
            dropped=writer.queue.dropped if writer is not None else 0,
            unknown_outcomes=writer.unknown if writer is not None else 0,
            refused=writer.refused if writer is not None else 0,
            queued=len(writer.queue) if writer is not None else 0,
            store_failing=writer is not None and writer.fault is not None,
            drift=self.views.drift,
            unreadable_policies=len(self.views.reading.unreadable),
        )

    def _with_costs(self, outcome: "Outcome", model: str | None, powerful: str | None) -> "Outcome":
        cost, cost_powerful = outcome.cost, outcome.cost_powerful
        return replace(
            outcome,
            cost=self._price(model, outcome) if cost is None else cost,
            cost_powerful=self._price(powerful, outcome)
            if cost_powerful is None
            else cost_powerful,
        )

    def _price(self, model: str | None, outcome: "Outcome") -> float | None:
        price = self._prices.get(model) if model is not None else None
        if price is None or outcome.tokens_in is None or outcome.tokens_out is None:
            return None
        from .records.outcome import MAX_MONEY

        return min(price.cost(outcome.tokens_in, outcome.tokens_out), MAX_MONEY)

    # ------------------------------------------------------------ with the store

    def start(self) -> None:
        """On CPython: look at the shared states once, then write in a thread."""
        if self._thread is not None and self._writer is not None:
            from .writer.thread import run

            run(self.refresh())
            self._thread.start()
            self._leave = finalize(self, self._thread.leave, self._writer)
            self._leave.atexit = False  # the thread sees to the end of the program
            _RECORDERS.add(self)

    def end(self, why: str) -> None:
        """Take and write nothing from now on; whoever tries is told why."""
        self._ended = why
        self.intake = EndedIntake(why)
        if self._leave is not None:
            self._leave.detach()

    async def refresh(self) -> None:
        """Look at the shared states; a store that fails is no reason not to decide."""
        try:
            await self.views.refresh(self.clock())
        except StoreError as error:
            self.views.fault = error

    async def lease(self, model: str) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed."""
        self._check_open()
        if not self._has_breakers:
            return None
        return await self.views.lease(model, self.clock())

    async def force(self, model: str, mode: Mode | None) -> None:
        """Hold a breaker open or closed, or set it free; stored when this returns."""
        self._check_open()
        await self.views.breakers.force(model, mode, self.clock())

    async def drain(self) -> None:
        """Write what waits, where no thread does."""
        if self._writer is not None and self._thread is None and self._ended is None:
            await self._writer.drain()

    async def flush(self) -> None:
        """Write everything; when it returns, all that was queued before is stored.

        Raises:
            StoreError: it is not; it waits.
        """
        self._check_open()
        if self._writer is not None:
            await self._writer.flush()

    def expire(self) -> None:
        """Another tab or process changed the store: look again at the next chance."""
        if self._writer is not None:
            self._writer.expire()

    async def clear(self) -> None:
        """Forget what waits, and delete all that is stored.

        Raises:
            StoreError: it failed; what is stored stays.
        """
        self._check_open()
        if self._writer is not None:
            await self._writer.clear()
            await self.refresh()

    async def aclose(self) -> None:
        """Write everything and close the store.

        Raises:
            StoreError: not everything could be written; the store is closed all the same.
        """
        if self._ended is not None:
            return
        try:
            if self._thread is not None:
                import asyncio

                await asyncio.to_thread(self._thread.stop)
            await self.flush()
        finally:
            if self.store is not None:
                try:
                    await self.store.close()
                finally:
                    self.end("the router is closed; make another one")

    def close(self) -> None:
        """The same without an event loop, on CPython."""
        if self.store is not None and self._ended is None:
            from .writer.thread import run

            run(self.aclose())

    def _check_open(self) -> None:
        if self._ended is not None:
            raise StoreError(self._ended)


_RECORDERS: WeakSet[Recorder] = WeakSet()
"""Those that write to a store, in this process."""


def _end_in_child() -> None:
    """A child has no thread that writes, and must not touch its parent's connection."""
    for recorder in list(_RECORDERS):
        recorder.end("the router was made before os.fork(); make one in each process")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_end_in_child)
