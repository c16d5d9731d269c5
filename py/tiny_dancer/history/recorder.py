"""All a router needs of the history: counters, breakers, queue, and on CPython the thread.

A decision takes microseconds, so `record` only puts its answer on a list. Counting, hashing and
queueing happen in `settle`: when records are written, when metrics are read, or when many wait.
"""

import asyncio
import struct
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

from ..breaker.events import Report
from ..breaker.lease import Lease
from ..breaker.state import Mode, mode_at
from ..config import BreakerConfig, HistoryConfig
from ..errors import StoreError
from ..response import RoutingResponse
from .readings.metrics import RoutingCounters, RoutingMetrics
from .records import Outcome
from .store import HistoryStore
from .views import Views
from .writer.queue import Decided, Writer
from .writer.thread import WriterThread, run

WAKE_AT: Final = 256
"""So many decisions not settled wake the thread."""

SETTLE_AT: Final = 1_000
"""So many are settled by the decision that comes next."""

SHORT_BYTES: Final = 2_048
"""Longer prompts are hashed at once, so that what waits stays small."""


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
        views: what decisions know of the shared states.
        keeps_inputs: True where records hold the inputs of the heads.
    """

    def __init__(
        self,
        store: HistoryStore | None,
        config: HistoryConfig,
        breaker: BreakerConfig | None,
        clock: Callable[[], float],
    ) -> None:
        self.views = Views(config, breaker or BreakerConfig(), stored=store is not None)
        self._counters = RoutingCounters()
        self._has_breakers = breaker is not None
        self._prices = config.prices
        self._clock = clock
        self._store = store
        self.keeps_inputs = store is not None and config.head_inputs
        self._writer = Writer(store, self.views, config, clock) if store is not None else None
        self._thread: WriterThread | None = None
        if self._writer is not None:
            self._writer.gather = self.settle
            if sys.platform != "emscripten":
                self._thread = WriterThread(self._writer, config.flush_s)
        self._fresh: deque[tuple[float, RoutingResponse, bytes | str | None, Sequence[float]]] = (
            deque()
        )
        self._settling = Lock()

    # ------------------------------------------------------------ without waiting

    def record(
        self, response: RoutingResponse, prompt: bytes | None, head_inputs: Sequence[float] = ()
    ) -> None:
        """Take note of a decision.

        Args:
            response: the answer, complete.
            prompt: what the scorer read; only a keyed hash of it is kept.
            head_inputs: what the heads read, where `keeps_inputs` asks for it.
        """
        fresh, writer = self._fresh, self._writer
        if writer is None:
            fresh.append((0.0, response, None, ()))
        else:
            kept: bytes | str | None = prompt
            if prompt is not None and len(prompt) > SHORT_BYTES:
                kept = writer.hashed(prompt)
            fresh.append((self._clock(), response, kept, head_inputs))
        waiting = len(fresh)
        if waiting >= WAKE_AT:
            self._many_wait(waiting)

    def settle(self) -> None:
        """Count and queue the decisions taken note of."""
        with self._settling:
            fresh, writer, count = self._fresh, self._writer, self._counters.decided
            while fresh:
                at, response, prompt, head_inputs = fresh.popleft()
                count(
                    response.model,
                    response.reason,
                    response.use_lightweight,
                    response.inference_time_us,
                )
                if writer is not None:
                    kept = writer.hashed(prompt) if isinstance(prompt, bytes) else prompt
                    best = response.decisions[:1]
                    candidate_id = best[0].candidate_id if best else None
                    packed = _float16(head_inputs)
                    writer.decided(Decided(at, response, kept, candidate_id, packed))

    def _many_wait(self, waiting: int) -> None:
        if waiting >= SETTLE_AT or self._thread is None:
            self.settle()
        elif waiting == WAKE_AT and self._writer is not None and self._writer.wake is not None:
            self._writer.wake()

    @property
    def is_troubled(self) -> bool:
        """True where some breaker is not closed, so that `check_health` has to be asked."""
        return self._has_breakers and self.views.breakers.is_troubled

    def check_health(self, models: Sequence[str], lease: Lease | None = None) -> list[bool]:
        """By model, whether requests may go to it."""
        now, breakers = self._clock(), self.views.breakers
        return [not self._has_breakers or breakers.is_healthy(m, now, lease) for m in models]

    def retry_after_s(self, models: Sequence[str]) -> float | None:
        """Seconds until the first of these models may be probed; None where nobody can tell."""
        return self.views.breakers.retry_after_s(models, self._clock())

    def is_healthy(self, model: str) -> bool | None:
        """True healthy, False open or half-open, None where breakers are off."""
        if not self._has_breakers:
            return None
        return self.views.breakers.is_healthy(model, self._clock())

    def report(self, model: str, report: Report) -> None:
        """Count what became of a call."""
        if self._has_breakers:
            for change in self.views.breakers.report(model, report, self._clock()):
                self._counters.changed(model, change.after)

    def record_outcome(
        self, outcome: Outcome, *, model: str | None = None, powerful: str | None = None
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
        if self._writer is not None:
            self._writer.outcome(outcome)
        self._counters.outcome(outcome.cost, outcome.cost_powerful)

    def metrics(self) -> RoutingMetrics:
        """A reading of the counters."""
        self.settle()
        now, breakers, writer = self._clock(), self.views.breakers, self._writer
        modes = {model: mode_at(breakers.state(model), now) for model in breakers.models()}
        return self._counters.read(
            modes if self._has_breakers else {},
            dropped=writer.dropped if writer is not None else 0,
            unknown_outcomes=writer.unknown if writer is not None else 0,
            queued=len(writer) if writer is not None else 0,
            store_failing=writer is not None and writer.fault is not None,
        )

    def _with_costs(self, outcome: Outcome, model: str | None, powerful: str | None) -> Outcome:
        cost, cost_powerful = outcome.cost, outcome.cost_powerful
        return replace(
            outcome,
            cost=self._price(model, outcome) if cost is None else cost,
            cost_powerful=self._price(powerful, outcome)
            if cost_powerful is None
            else cost_powerful,
        )

    def _price(self, model: str | None, outcome: Outcome) -> float | None:
        price = self._prices.get(model) if model is not None else None
        if price is None or outcome.tokens_in is None or outcome.tokens_out is None:
            return None
        return price.cost(outcome.tokens_in, outcome.tokens_out)

    # ------------------------------------------------------------ with the store

    def start(self) -> None:
        """On CPython: look at the shared states once, then write in a thread."""
        if self._thread is not None:
            run(self.refresh())
            self._thread.start()

    async def refresh(self) -> None:
        """Look at the shared states; a store that fails is no reason not to decide."""
        if self._store is not None:
            try:
                await self.views.refresh(self._store, self._clock())
            except StoreError as error:
                self.views.fault = error

    async def lease(self, model: str) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed."""
        if not self._has_breakers:
            return None
        return await self.views.lease(self._store, model, self._clock())

    async def force(self, model: str, mode: Mode | None) -> None:
        """Hold a breaker open or closed, or set it free; stored when this returns."""
        await self.views.breakers.force(self._store, model, mode, self._clock())

    async def drain(self) -> None:
        """Write what waits, where no thread does."""
        if self._writer is not None and self._thread is None:
            await self._writer.drain()

    async def flush(self) -> None:
        """Write everything; when it returns, all that was queued before is stored.

        Raises:
            StoreError: it is not; it waits.
        """
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
        self.settle()
        if self._writer is not None:
            await self._writer.clear()
            await self.refresh()

    async def aclose(self) -> None:
        """Write everything and close the store.

        Raises:
            StoreError: not everything could be written; the store is closed all the same.
        """
        if self._thread is not None:
            await asyncio.to_thread(self._thread.stop)
        try:
            await self.flush()
        finally:
            if self._store is not None:
                await self._store.close()

    def close(self) -> None:
        """The same without an event loop, on CPython."""
        if self._store is not None:
            run(self.aclose())


def _float16(values: Sequence[float]) -> bytes | None:
    """Little-endian binary16, or None where there is nothing or a value is beyond 65,504."""
    try:
        return struct.pack(f"<{len(values)}e", *values) if len(values) else None
    except (OverflowError, struct.error):
        return None
