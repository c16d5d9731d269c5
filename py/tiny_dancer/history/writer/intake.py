"""Decisions as a router makes them: put on a list at once, counted and queued when there is time.

A decision takes microseconds. Counting, hashing and queueing happen in `process`: before records
are written, when metrics are read, or when many wait.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final, TypeAlias

from ...errors import StoreError
from ...response import RoutingResponse
from ..readings.metrics import RoutingCounters
from ..records.binary import pack_float16
from ..records.prompt_hash import PromptHasher
from .queue import RecordQueue
from .queued_decision import QueuedDecision

WAKE_AT: Final = 256
"""So many decisions wake whoever writes, or are processed by the next one where nobody can be."""

PROCESS_AT: Final = 1_000
"""So many are processed by the decision that comes next in any case."""

SHORT_BYTES: Final = 2_048
"""Longer prompts are hashed at once, so that what waits stays small."""

_NewDecision: TypeAlias = tuple[
    float, RoutingResponse, bytes | str | None, Sequence[float], str | None
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
        queue: RecordQueue | None,
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
        self._new: deque[_NewDecision] = deque()
        self._lock = Lock()

    def add(
        self,
        response: RoutingResponse,
        prompt: bytes | None,
        head_inputs: Sequence[float],
        owner: str | None = None,
    ) -> None:
        """Take note of a decision.

        Args:
            response: the answer, complete.
            prompt: what the scorer read; only a keyed hash of it is kept.
            head_inputs: what the heads read, where records hold it.
            owner: who asked, where only they may report the outcome.
        """
        new, queue = self._new, self._queue
        if queue is None:
            new.append((0.0, response, None, (), None))
        else:
            kept: bytes | str | None = prompt
            if prompt is not None and len(prompt) > SHORT_BYTES:
                kept = self._hasher.hash(prompt)
            new.append((self._clock(), response, kept, head_inputs, owner))
        waiting = len(new)
        if waiting >= self._process_at:
            self.process()
        elif waiting == WAKE_AT and queue is not None:
            queue.full.set()

    def process(self) -> None:
        """Count and queue the decisions taken note of."""
        with self._lock:
            new, queue, count = self._new, self._queue, self._counters.count_decision
            while new:
                at, response, prompt, head_inputs, owner = new.popleft()
                count(
                    response.model,
                    response.reason,
                    response.use_lightweight,
                    response.inference_time_us,
                )
                if queue is not None:
                    kept = self._hasher.hash(prompt) if isinstance(prompt, bytes) else prompt
                    best = response.decisions[:1]
                    candidate_id = best[0].candidate_id if best else None
                    packed = pack_float16(head_inputs)
                    queue.add_decision(
                        QueuedDecision(at, response, kept, candidate_id, packed, owner)
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
