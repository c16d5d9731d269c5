"""From the router to the store: a bounded queue, emptied after answers and never before one.

The queue is two plain deques. Whoever finds time drains it: on the edge each request after its
answer, in a tab the worker, on CPython a thread (thread.py). What is being written flies: it leaves
the deque for `_flights` and comes back when the write fails or its drain is gone. Stores skip what
they hold already, so writing something twice is harmless, and no drain has to wait for another.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from operator import itemgetter
from threading import Lock
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from ...breaker.events import Report, Transition
from ...breaker.lease import Lease
from ...breaker.views import FLIGHT_S
from ...config import HistoryConfig
from ...errors import InvalidInputError, StoreError, StoreFullError, StoreLockedError
from ..records import DecisionRecord, Outcome
from ..store import HistoryStore
from ..views import Views
from .prompt_hash import prompt_hash

FLUSHES: Final = 100
"""Tries of a flush to find nothing flying; other drains may take up what it wants to write."""

RETAIN_EVERY_S: Final = 60.0
"""How often old records are looked for."""


class Response(Protocol):
    """What a record needs of a `RoutingResponse`."""

    decision_id: str
    model: str
    use_lightweight: bool
    reason: Any
    confidence: float | None
    score: float | None
    threshold: float | None
    policy_id: str | None
    bundle_hash: str | None
    n_tokens: int
    inference_time_us: float | None

    @property
    def uncertainty(self) -> float | None:
        """Conformal p-value; looked up only when the record is made."""


class Decided(NamedTuple):
    """A decision on its way: the response itself, until there is time to make a record of it.

    Attributes:
        at: seconds since 1970.
        response: the router's answer.
        prompt: its keyed hash; its bytes while the key is not known; None where it is not kept.
        candidate_id: the best candidate.
        head_inputs: float16.
        propensity: probability of this choice.
        explored: True where it was drawn.
    """

    at: float
    response: Response
    prompt: str | bytes | None = None
    candidate_id: str | None = None
    head_inputs: bytes | None = None
    propensity: float = 1.0
    explored: bool = False


_Queue: TypeAlias = deque[tuple[int, Any]]
"""What waits, each with the number it arrived under."""


@dataclass(slots=True)
class _Flight:
    began_at: float
    queue: _Queue
    items: list[tuple[int, Any]]


class Writer:
    """Takes decisions, outcomes and reports without waiting, and writes them when asked to.

    Args:
        store: where they go.
        views: refreshed after writing.
        config: sizes and ages.
        clock: gives seconds since 1970.

    Attributes:
        dropped: decisions that were pushed out of a full queue.
        unknown: outcomes whose decision the store did not hold.
        refused: decisions that are no valid record.
        fault: the error of the last failed write; None after one that succeeded.
        wake: called when a batch is full, if set.
        gather: called before writing, if set; may queue more.
    """

    def __init__(
        self,
        store: HistoryStore,
        views: Views,
        config: HistoryConfig,
        clock: Callable[[], float],
    ) -> None:
        """Start with an empty queue."""
        self.store = store
        self.views = views
        self.dropped = 0
        self.unknown = 0
        self.refused = 0
        self.fault: StoreError | None = None
        self.wake: Callable[[], object] | None = None
        self.gather: Callable[[], object] | None = None
        self._config = config
        self._clock = clock
        self._key: bytes | None = None
        self._arrivals = count(1)
        self._decisions: _Queue = deque()
        self._outcomes: _Queue = deque()
        self._postponed: list[tuple[int, Outcome]] = []
        self._flights: dict[int, _Flight] = {}
        self._flown = 0
        self._moving = Lock()
        self._many = min(config.batch, config.queue)
        self._retained_at: float | None = None

    def __len__(self) -> int:
        """Records not known to be stored."""
        flying = sum(len(flight.items) for flight in list(self._flights.values()))
        return len(self._decisions) + len(self._outcomes) + len(self._postponed) + flying

    # ------------------------------------------------------------ without waiting

    def hashed(self, prompt: bytes) -> str | bytes | None:
        """What to keep of a prompt: its keyed hash."""
        if not self._config.hash_prompts:
            return None
        return prompt_hash(self._key, prompt) if self._key else prompt

    def decided(self, decided: Decided) -> None:
        """Queue a decision; of a full queue the oldest decision is dropped and counted."""
        queue = self._decisions
        queue.append((next(self._arrivals), decided))
        if len(queue) >= self._many:
            if self.wake is not None:
                self.wake()
            self._make_room()

    def outcome(self, outcome: Outcome) -> None:
        """Queue an outcome. It is never dropped.

        Raises:
            StoreFullError: the queue is full of outcomes.
        """
        self._outcomes.append((next(self._arrivals), outcome))
        if not self._make_room():
            self._outcomes.pop()
            raise StoreFullError(
                f"{self._config.queue} outcomes wait to be stored; last error: {self.fault}"
            )

    def report(self, model: str, report: Report) -> tuple[Transition, ...]:
        """Count what became of a call; the changes of mode it made."""
        return self.views.breakers.report(model, report, self._clock())

    async def lease(self, model: str) -> Lease | None:
        """A lease for one probe of a half-open model; None where none is to be had or needed."""
        return await self.views.lease(self.store, model, self._clock())

    def _make_room(self) -> bool:
        while len(self) > self._config.queue:
            with self._moving:
                if not self._decisions:
                    return False
                self._decisions.popleft()
            self.dropped += 1
        return True

    # ------------------------------------------------------------ with the store, after an answer

    async def drain(self) -> None:
        """Write what waits, then refresh the views if they are too old.

        Does not raise StoreError: what could not be written waits for the next time, and `fault`
        says why.
        """
        try:
            await self._write(self._clock())
            now = self._clock()
            if self.views.claim(now):
                await self.views.refresh(self.store, now)
            self.fault = None
        except StoreError as error:
            self.fault = error

    async def flush(self) -> None:
        """Write everything; when it returns, all that was queued before the call is stored.

        Raises:
            StoreError: it is not; what could not be written waits.
        """
        for _ in range(FLUSHES):
            self._land_lost(self._clock(), everything=True)
            try:
                await self._write(self._clock(), everything=True)
            except StoreError as error:
                self.fault = error
                raise
            if not self._flights and not self._postponed:
                self.fault = None
                return
        raise StoreLockedError("other writers of this process do not come to an end")

    async def clear(self) -> None:
        """Forget what waits, and delete all that is stored.

        Raises:
            StoreError: it failed; what is stored stays.
        """
        with self._moving:
            self._decisions.clear()
            self._outcomes.clear()
            self._postponed.clear()
            self._flights.clear()
        await self.store.clear()
        self.expire()

    def expire(self) -> None:
        """Somebody else changed the store: look again before using what is known."""
        self._key = None
        self.views.expire()

    async def _write(self, now: float, *, everything: bool = False) -> None:
        self._land_lost(now)
        if self.gather is not None:
            self.gather()
        if self._key is None and self._config.hash_prompts and self._decisions:
            self._key = await self.store.prompt_key()
        while flight := self._depart(self._decisions, now):
            await self._fly(flight, self._store_decisions)
        again, self._postponed = self._postponed, []
        with self._moving:
            _put_back(self._outcomes, again)
        while flight := self._depart(self._outcomes, now):
            await self._fly(flight, self._store_outcomes)
        await self.views.breakers.commit(self.store, now, everything=everything)
        await self._retain(now)

    async def _store_decisions(self, decided: Sequence[tuple[int, Decided]]) -> None:
        records = []
        for _, one in decided:
            try:
                records.append(self._record(one))
            except InvalidInputError:
                self.refused += 1
        await self.store.record_routings(records)

    async def _store_outcomes(self, outcomes: Sequence[tuple[int, Outcome]]) -> None:
        # Looked up before the store is asked: whoever else is writing them may be done by then.
        if self.gather is not None:
            self.gather()
        coming = self._ids()
        unknown = set(await self.store.record_outcomes([outcome for _, outcome in outcomes]))
        for n, outcome in outcomes:
            if outcome.decision_id in unknown & coming:
                self._postponed.append((n, outcome))
            elif outcome.decision_id in unknown:
                self.unknown += 1

    def _ids(self) -> set[str]:
        """Decisions that are not stored yet."""
        ids = {one.response.decision_id for _, one in list(self._decisions)}
        for flight in list(self._flights.values()):
            if flight.queue is self._decisions:
                ids |= {one.response.decision_id for _, one in flight.items}
        return ids

    def _record(self, one: Decided) -> DecisionRecord:
        response, prompt = one.response, one.prompt
        if isinstance(prompt, bytes):
            prompt = prompt_hash(self._key, prompt) if self._key else None
        return DecisionRecord(
            decision_id=response.decision_id,
            at=one.at,
            model=response.model,
            use_lightweight=response.use_lightweight,
            reason=str(response.reason),
            prompt_hash=prompt,
            candidate_id=one.candidate_id,
            confidence=response.confidence,
            uncertainty=response.uncertainty,
            score=response.score,
            threshold=response.threshold,
            policy_id=response.policy_id,
            bundle_hash=response.bundle_hash,
            propensity=one.propensity,
            explored=one.explored,
            head_inputs=one.head_inputs,
            n_tokens=response.n_tokens,
            inference_time_us=response.inference_time_us,
        )

    def _depart(self, queue: _Queue, now: float) -> int:
        """Take a batch off a queue; the number of its flight, 0 where nothing waits."""
        items: list[tuple[int, Any]] = []
        with self._moving:
            try:
                while len(items) < self._config.batch:
                    items.append(queue.popleft())
            except IndexError:
                if not items:
                    return 0
            self._flown += 1
            self._flights[self._flown] = _Flight(now, queue, items)
            return self._flown

    async def _fly(self, number: int, write: Callable[[Any], Any]) -> None:
        flight = self._flights.get(number)
        if flight is None:  # taken back by a flush at this moment
            return
        try:
            await write(flight.items)
        except BaseException:
            self._return(number)
            raise
        self._flights.pop(number, None)

    def _return(self, number: int) -> None:
        """Put a flight's items back, unless somebody did already."""
        with self._moving:
            flight = self._flights.pop(number, None)
            if flight is not None:
                _put_back(flight.queue, flight.items)

    def _land_lost(self, now: float, *, everything: bool = False) -> None:
        """Take back what flies for too long."""
        for number, flight in list(self._flights.items()):
            if everything or not 0 <= now - flight.began_at < FLIGHT_S:
                self._return(number)

    async def _retain(self, now: float) -> None:
        since = self._retained_at
        if since is not None and 0 <= now - since < RETAIN_EVERY_S:
            return
        age = self._config.max_age_s
        before = now - age if age is not None else 0.0
        if not await self.store.retain(before, self._config.max_records):
            self._retained_at = now


def _put_back(queue: _Queue, items: Sequence[tuple[int, Any]]) -> None:
    """Put items at the front, in the order of arrival also with those that are back already."""
    if not items:
        return
    last, back = items[-1][0], list(items)
    while queue and queue[0][0] < last:
        back.append(queue.popleft())
    queue.extendleft(sorted(back, key=itemgetter(0), reverse=True))
