"""Decisions as a router makes them: put on a list at once, counted and queued when there is time.

A decision takes microseconds. Counting, hashing and queueing happen in `process`: before records
are written, when metrics are read, or when many wait.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from ...errors import StoreError
from ...response import RoutingResponse
from ..readings.metrics import RoutingCounters
from ..records.prompt_hash import PromptHasher

if TYPE_CHECKING:
    from .queue import RecordQueue
    from .queued_decision import Would

WAKE_AT: Final = 256
"""So many decisions wake whoever writes, or are processed by the next one where nobody can be."""

PROCESS_AT: Final = 1_000
"""So many are processed by the decision that comes next in any case."""

SHORT_BYTES: Final = 2_048
"""Longer prompts are hashed at once, so that what waits stays small."""


class Inputs(Protocol):
    """What a decision was made of.

    Attributes:
        text: what the scorer read, until it is hashed; None where there is none.
        head_inputs: what the heads read, where it was asked for.
    """

    text: bytes | None

    @property
    def head_inputs(self) -> Sequence[float]: ...  # noqa: D102


_NewDecision: TypeAlias = tuple[
    float, RoutingResponse, bytes | str | None, Inputs, str | None, "Would"
]


class Intake:
    """Takes decisions without waiting.

    Args:
        counters: where they are counted.
        queue: where they are put to be written; None counts only.
        hasher: of prompts.
        clock: gives seconds since 1970.
        can_wake: True where somebody waits for the queue to be full.
    """

    def __init__(
        self,
        counters: RoutingCounters,
        queue: "RecordQueue | None",
        hasher: PromptHasher,
        clock: Callable[[], float],
        *,
        can_wake: bool,
    ) -> None:
        """Start empty."""
        self._counters = counters
        self._queue = queue
        self._hasher = hasher
        self._clock = clock
        self._process_at = PROCESS_AT if can_wake else WAKE_AT
        self._new: deque[tuple[str, str, bool, float | None]] = deque()
        self._to_queue: deque[_NewDecision] = deque()
        self._lock = Lock()

    def add(
        self,
        response: RoutingResponse,
        scored: Inputs,
        owner: str | None = None,
        would: "Would" = None,
    ) -> None:
        """Take note of a decision.

        Args:
            response: the answer, complete.
            scored: what it was made of.
            owner: who asked, where only they may report the outcome.
            would: model and reason of what the policy would have chosen, where it did not choose.
        """
        model, reason, elapsed_us = response.model, response.reason, response.inference_time_us
        counted = (model, reason, response.use_lightweight, elapsed_us)
        new = self._new
        if self._queue is None:  # counted alone; a response that is kept costs a microsecond
            new.append(counted)
        else:
            kept: bytes | str | None
            kept = text = scored.text
            if text is not None and len(text) > SHORT_BYTES:
                kept = self._hasher.hash(text)
                scored.text = None  # the response, which waits too, holds it
            self._to_queue.append((self._clock(), response, kept, scored, owner, would))
            new.append(counted)
        waiting = len(new)
        if waiting >= WAKE_AT:
            self._handle_many(waiting)

    def _handle_many(self, waiting: int) -> None:
        """Process decisions or wake who does."""
        if waiting >= self._process_at:
            self.process()
        elif waiting == WAKE_AT and self._queue is not None:
            self._queue.full.set()

    def process(self) -> None:
        """Count and queue the decisions taken note of."""
        with self._lock:
            new, count = self._new, self._counters.count_decision
            while new:
                count(*new.popleft())
            if self._queue is not None and self._to_queue:
                self._enqueue(self._queue)

    def _enqueue(self, queue: "RecordQueue") -> None:
        from ..records.binary import pack_float16  # with the records, which a start does not need
        from .queued_decision import QueuedDecision

        waiting = self._to_queue
        while waiting:
            at, response, prompt, scored, owner, would = waiting.popleft()
            kept = self._hasher.hash(prompt) if isinstance(prompt, bytes) else prompt
            best = response.decisions[:1]
            candidate_id = best[0].candidate_id if best else None
            packed = pack_float16(scored.head_inputs)
            queue.add_decision(
                QueuedDecision(at, response, kept, candidate_id, packed, owner, would)
            )


class EndedIntake:
    """Takes no decision any more.

    Args:
        why: what whoever tries is told.
    """

    def __init__(self, why: str) -> None:
        self._why = why

    def add(self, *decision: object) -> None:
        """Refuse.

        Raises:
            StoreError: always.
        """
        raise StoreError(self._why)

    def process(self) -> None:
        """Nothing waits."""
