"""From the queue to the store: after answers and never before one.

Whoever finds time drains: on the edge each request after its answer, in a tab the worker, on
CPython a thread (thread.py). Several may do so at the same time.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from ...config import HistoryConfig
from ...errors import InvalidInputError, StoreError, StoreLockedError
from ..records import Outcome
from ..records.prompt_hash import PromptHasher
from ..states.views import Views
from ..stores.store import HistoryStore
from .intake import Intake
from .queue import Batch, RecordQueue
from .queued_decision import QueuedDecision

WAITS: Final = 1_500
WAIT_S: Final = 0.01
"""How often, and how long, a flush waits for what others write of what it has to see stored."""

_LOG: Final = logging.getLogger("tiny_dancer.history")

RETAIN_EVERY_S: Final = 60.0
"""How often old records are looked for."""


class _Rest(NamedTuple):
    """Outcomes of a batch that were not stored.

    Attributes:
        early: those that came before their decisions.
        unknown: how many are of decisions that nobody made.
    """

    early: Sequence[tuple[int, Outcome]] = ()
    unknown: int = 0


class Writer:
    """Writes decisions, outcomes and reports when asked to.

    Args:
        store: where they go.
        intake: where decisions come from.
        queue: where both wait.
        hasher: given the store's key.
        views: refreshed after writing.
        config: sizes and ages.
        clock: gives seconds since 1970.

    Attributes:
        unknown: outcomes whose decision the store did not hold.
        refused: decisions and outcomes that are no record, or that the store does not keep.
        fault: the error of the last failed write; None after one that succeeded.
    """

    def __init__(
        self,
        store: HistoryStore,
        intake: Intake,
        queue: RecordQueue,
        hasher: PromptHasher,
        views: Views,
        config: HistoryConfig,
        clock: Callable[[], float],
    ) -> None:
        """Write nothing yet."""
        self.unknown = 0
        self.refused = 0
        self.fault: StoreError | None = None
        self.queue = queue
        self._store = store
        self._intake = intake
        self._hasher = hasher
        self._views = views
        self._config = config
        self._clock = clock
        self._retained_at: float | None = None

    async def drain(self) -> None:
        """Write what waits, then refresh the views if they are too old.

        Does not raise StoreError: what could not be written waits for the next time, and `fault`
        says why.
        """
        try:
            await self._write(self._clock())
            now = self._clock()
            if self._views.claim(now):
                await self._views.refresh(now)
            self.fault = None
        except StoreError as error:
            self.fault = error
        except Exception as error:  # whoever drains has to come back: history would end for good
            _LOG.exception("the history was not written")
            self.fault = StoreError(f"{type(error).__name__}: {error}")

    async def flush(self) -> None:
        """Write everything; when it returns, all that was queued before the call is stored.

        Raises:
            StoreError: it is not; what could not be written waits.
        """
        import asyncio  # where a history is flushed, a loop runs

        self._intake.process()
        last = self.queue.draw_number()
        self.queue.requeue_lost(self._clock(), everything=True)  # whoever took it may be gone
        for _ in range(WAITS):
            try:
                await self._write(self._clock(), everything=True)
            except StoreError as error:
                self.fault = error
                raise
            if not self.queue.holds_until(last):
                self.fault = None
                return
            await asyncio.sleep(WAIT_S)  # another flush took it meanwhile, and will be done soon
        raise StoreLockedError("other writers of this process do not come to an end")

    async def clear(self) -> None:
        """Forget what waits, and delete all that is stored.

        Raises:
            StoreError: it failed; what is stored stays.
        """
        self._intake.process()
        self.queue.clear()
        await self._store.clear()
        self.expire()

    def expire(self) -> None:
        """Somebody else changed the store: look again before using what is known."""
        self._hasher.key = None
        self._views.expire()

    async def _write(self, now: float, *, everything: bool = False) -> None:
        queue = self.queue
        queue.requeue_lost(now)
        self._intake.process()
        if self._hasher.key is None and self._hasher.is_wanted and queue.decisions:
            self._hasher.key = await self._store.prompt_key()
        while batch := queue.take(queue.decisions, now):
            await self._write_batch(batch, self._store_decisions)
        queue.resume()
        while batch := queue.take(queue.outcomes, now):
            await self._write_batch(batch, self._store_outcomes)
        await self._views.breakers.commit(now, everything=everything)
        await self._retain(now)

    async def _write_batch(
        self, batch: Batch, store: Callable[[Sequence[tuple[int, Any]]], Awaitable[_Rest]]
    ) -> None:
        """Write a batch; what the store refuses for what it is does not hold up the rest."""
        try:
            rest = await store(batch.items)
        except InvalidInputError as error:
            if len(batch.items) > 1:
                await self._write_halves(batch, store)
            elif self.queue.finish(batch):
                self._set_aside(batch.items[0][1], error)
        except BaseException:
            self.queue.requeue(batch)
            raise
        else:
            if self.queue.finish(batch, rest.early):  # else somebody took it back, and counts it
                self.unknown += rest.unknown

    async def _write_halves(
        self, batch: Batch, store: Callable[[Sequence[tuple[int, Any]]], Awaitable[_Rest]]
    ) -> None:
        halves = self.queue.split(batch)
        try:
            for half in halves:
                await self._write_batch(half, store)
        except BaseException:
            for half in halves:
                self.queue.requeue(half)
            raise

    def _set_aside(self, record: QueuedDecision | Outcome, error: InvalidInputError) -> None:
        """Count and log a record that no store will ever take."""
        self.refused += 1
        if isinstance(record, Outcome):
            _LOG.warning("outcome of %r is not kept: %s", record.decision_id, error)
        else:
            _LOG.warning("decision %r is not kept: %s", record.response.decision_id, error)

    async def _store_decisions(self, decisions: Sequence[tuple[int, QueuedDecision]]) -> _Rest:
        key = self._hasher.key
        await self._store.record_routings([one.make_record(key) for _, one in decisions])
        return _Rest()

    async def _store_outcomes(self, outcomes: Sequence[tuple[int, Outcome]]) -> _Rest:
        # Looked up before the store is asked: whoever else is writing them may be done by then.
        self._intake.process()
        waiting = self.queue.decision_ids()
        unknown = set(await self._store.record_outcomes([outcome for _, outcome in outcomes]))
        early = [item for item in outcomes if item[1].decision_id in unknown & waiting]
        return _Rest(early, sum(one.decision_id in unknown - waiting for _, one in outcomes))

    async def _retain(self, now: float) -> None:
        since = self._retained_at
        if since is not None and 0 <= now - since < RETAIN_EVERY_S:
            return
        age = self._config.max_age_s
        before = now - age if age is not None else 0.0
        if not await self._store.retain(before, self._config.max_records):
            self._retained_at = now
