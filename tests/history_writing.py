"""A writer of a history, and a store that is slow or fails when told to."""

import asyncio
from dataclasses import dataclass

from tiny_dancer.config import BreakerConfig, HistoryConfig
from tiny_dancer.history import MemoryStore
from tiny_dancer.history.readings.metrics import RoutingCounters
from tiny_dancer.history.records.prompt_hash import PromptHasher
from tiny_dancer.history.states.views import Views
from tiny_dancer.history.writer.intake import Intake
from tiny_dancer.history.writer.queue import RecordQueue
from tiny_dancer.history.writer.queued_decision import QueuedDecision
from tiny_dancer.history.writer.writer import Writer


@dataclass
class Response:
    """What a router answers, as far as a record needs it."""

    decision_id: str
    model: str = "light"
    use_lightweight: bool = True
    reason: str = "below_threshold"
    confidence: float | None = 0.75
    uncertainty: float | None = 0.5
    score: float | None = 0.25
    threshold: float | None = 0.5
    policy_id: str | None = "p-1"
    bundle_hash: str | None = "b"
    n_tokens: int = 7
    inference_time_us: float | None = 12.5


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Slow(MemoryStore):
    """A memory store whose writes wait, fail or hang when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: Exception | None = None
        self.gates: list[asyncio.Event] = []
        self.calls = 0

    async def record_routings(self, records) -> None:
        self.calls += 1
        if self.gates:
            await self.gates.pop(0).wait()
        if self.fails:
            raise self.fails
        await super().record_routings(records)


def made(store=None, **config) -> Writer:
    settings, store, clock = HistoryConfig(**config), store or Slow(), Clock()
    queue = RecordQueue(settings.queue, settings.batch)
    hasher = PromptHasher(is_wanted=settings.hash_prompts)
    intake = Intake(RoutingCounters(), queue, hasher, clock, can_wake=False)
    views = Views(store, settings, BreakerConfig())
    return Writer(store, intake, queue, hasher, views, settings, clock)


def decide(writer: Writer, *numbers: int, prompt: bytes = b"hello") -> None:
    for n in numbers:
        decision = QueuedDecision(1_000.0 + n, Response(f"d-{n}"), writer._hasher.hash(prompt))
        writer.queue.add_decision(decision)


async def ids(writer: Writer) -> list[str]:
    return [r.decision_id for r in await writer._store.query_routings(1_000_000)][::-1]
