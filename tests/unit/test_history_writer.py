"""The queue between router and store: in order, bounded, nothing lost or doubled."""

import asyncio
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tiny_dancer.breaker.events import Report
from tiny_dancer.config import BreakerConfig, HistoryConfig
from tiny_dancer.errors import StoreError, StoreFullError
from tiny_dancer.history import MemoryStore, Outcome, Storage
from tiny_dancer.history.readings.metrics import RoutingCounters
from tiny_dancer.history.records.prompt_hash import PromptHasher, prompt_hash
from tiny_dancer.history.states.views import Views
from tiny_dancer.history.writer.intake import Intake
from tiny_dancer.history.writer.queue import RecordQueue
from tiny_dancer.history.writer.queued_decision import QueuedDecision
from tiny_dancer.history.writer.thread import WriterThread, run
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


def test_decisions_and_outcomes_are_written_in_order() -> None:
    async def promise() -> None:
        writer = made(batch=3)
        decide(writer, *range(10))
        for n in range(10):
            writer.queue.add_outcome(Outcome(decision_id=f"d-{n}", at=1.0))
        assert len(writer.queue) == 20
        await writer.drain()
        assert await ids(writer) == [f"d-{n}" for n in range(10)]
        assert [row[0] for _, row in await writer._store.scan("outcome")] == await ids(writer)
        assert (len(writer.queue), writer.unknown, writer.queue.dropped, writer.fault) == (
            0,
            0,
            0,
            None,
        )

    asyncio.run(promise())


def test_drains_that_fail_together_leave_the_order_as_it_was() -> None:
    async def promise() -> None:
        store = Slow()
        first, second = store.gates = [asyncio.Event(), asyncio.Event()]
        writer = made(store, batch=2)
        decide(writer, *range(6))
        drains = []
        for left in (1, 0):  # each takes a batch and waits
            drains.append(asyncio.create_task(writer.drain()))
            while len(store.gates) > left:
                await asyncio.sleep(0)
        store.fails = StoreError("no")
        for gate, drain in zip((first, second), drains, strict=True):
            gate.set()
            await drain
        store.fails = None
        await writer.drain()
        assert await ids(writer) == [f"d-{n}" for n in range(6)]

    asyncio.run(promise())


def test_a_record_holds_the_response_and_a_keyed_hash() -> None:
    async def promise() -> None:
        writer = made()
        decide(writer, 1)  # the key is not known yet
        await writer.drain()
        decide(writer, 2)
        decide(writer, 3, prompt=b"other")
        await writer.drain()
        key = await writer._store.prompt_key()
        three, two, one = await writer._store.query_routings()
        assert one.prompt_hash == two.prompt_hash == prompt_hash(key, b"hello")
        assert three.prompt_hash == prompt_hash(key, b"other")
        response = Response("d-1")
        for name in vars(response):
            assert getattr(one, name) == getattr(response, name), name
        assert one.at == 1_001.0

    asyncio.run(promise())


def test_no_hash_where_none_is_wanted() -> None:
    async def promise() -> None:
        writer = made(hash_prompts=False)
        decide(writer, 1)
        await writer.drain()
        ((one),) = await writer._store.query_routings()
        assert one.prompt_hash is None

    asyncio.run(promise())


def test_a_full_queue_drops_the_oldest_decisions_and_counts_them() -> None:
    async def promise() -> None:
        writer = made(queue=5, batch=100)
        decide(writer, *range(12))
        assert (len(writer.queue), writer.queue.dropped) == (5, 7)
        await writer.drain()
        assert await ids(writer) == [f"d-{n}" for n in range(7, 12)]

    asyncio.run(promise())


def test_outcomes_push_decisions_out_and_are_never_dropped() -> None:
    writer = made(queue=4)
    decide(writer, 0, 1)
    for n in range(4):
        writer.queue.add_outcome(Outcome(decision_id=f"d-{n}", at=1.0))
    assert writer.queue.dropped == 2
    with pytest.raises(StoreFullError, match="4 outcomes wait"):
        writer.queue.add_outcome(Outcome(decision_id="d-5", at=1.0))
    assert len(writer.queue) == 4


def test_unknown_outcomes_are_counted() -> None:
    async def promise() -> None:
        writer = made()
        writer.queue.add_outcome(Outcome(decision_id="nobody", at=1.0))
        await writer.drain()
        await writer.drain()
        assert (writer.unknown, len(writer.queue)) == (1, 0)

    asyncio.run(promise())


def test_what_a_failing_store_refuses_waits_in_its_order() -> None:
    async def promise() -> None:
        writer = made(batch=2)
        writer._store.fails = StoreError("no")
        decide(writer, 0, 1, 2)
        await writer.drain()
        assert len(writer.queue) == 3 and str(writer.fault) == "no"
        with pytest.raises(StoreError):
            await writer.flush()
        decide(writer, 3)
        writer._store.fails = None
        await writer.flush()
        assert await ids(writer) == ["d-0", "d-1", "d-2", "d-3"] and writer.fault is None

    asyncio.run(promise())


def test_a_record_that_is_none_does_not_hold_up_the_others() -> None:
    async def promise() -> None:
        writer = made()
        decide(writer, 0)
        writer.queue.add_decision(QueuedDecision(1.0, Response("d-1", confidence=float("nan"))))
        decide(writer, 2)
        await writer.drain()
        assert await ids(writer) == ["d-0", "d-2"] and writer.refused == 1

    asyncio.run(promise())


def test_two_drains_at_once_write_everything_once() -> None:
    async def promise() -> None:
        writer = made(batch=2)
        gate = asyncio.Event()
        writer._store.gates = [gate]
        decide(writer, 0, 1)
        first = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        decide(writer, 2, 3)
        writer.queue.add_outcome(Outcome(decision_id="d-0", at=1.0))  # its decision flies
        await writer.drain()
        assert writer.unknown == 0 and len(writer.queue) == 3
        gate.set()
        await first
        await writer.drain()
        assert sorted(await ids(writer)) == ["d-0", "d-1", "d-2", "d-3"]
        assert (await writer._store.statistics()).outcomes == 1 and len(writer.queue) == 0

    asyncio.run(promise())


def test_what_a_lost_drain_took_is_written_by_a_later_one() -> None:
    """On the edge a request may end in the middle of its drain, and nobody hears of it again."""

    async def promise() -> None:
        writer = made()
        writer._store.gates = [asyncio.Event()]
        decide(writer, 0, 1)
        lost = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        decide(writer, 2)
        await writer.drain()
        assert await ids(writer) == ["d-2"] and len(writer.queue) == 2
        writer._clock.now += 11.0
        await writer.drain()
        assert await ids(writer) == ["d-2", "d-0", "d-1"] and len(writer.queue) == 0
        lost.cancel()

    asyncio.run(promise())


def test_a_cancelled_drain_gives_back_what_it_took() -> None:
    async def promise() -> None:
        writer = made()
        writer._store.gates = [asyncio.Event()]
        decide(writer, 0, 1)
        task = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.drain()
        assert await ids(writer) == ["d-0", "d-1"]

    asyncio.run(promise())


def test_flush_writes_also_what_flies() -> None:
    async def promise() -> None:
        writer = made()
        gate = asyncio.Event()
        writer._store.gates = [gate]
        decide(writer, 0, 1)
        drain = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        await writer.flush()
        assert await ids(writer) == ["d-0", "d-1"] and len(writer.queue) == 0
        gate.set()
        await drain
        assert await ids(writer) == ["d-0", "d-1"]
        assert (await writer._store.statistics()).total_routes == 2

    asyncio.run(promise())


def test_flushes_at_once_end_though_drains_never_do() -> None:
    """Each took from the other what it wrote, and none found a moment without a drain."""

    class Paced(MemoryStore):
        async def record_routings(self, records) -> None:
            await asyncio.sleep(0.001)
            await super().record_routings(records)

    async def promise() -> None:
        writer, n = made(Paced(), batch=2), iter(range(10**6))

        async def decide_on() -> None:
            while True:
                decide(writer, next(n))
                await asyncio.sleep(0)  # the other one of the two is in the middle of a write
                await writer.drain()

        busy = [asyncio.ensure_future(decide_on()) for _ in range(3)]
        for _ in range(20):
            decide(writer, *(next(n) for _ in range(7)))
            before = next(n)
            await asyncio.wait_for(asyncio.gather(*(writer.flush() for _ in range(5))), 60)
            stored = {int(one[2:]) for one in await ids(writer)}
            assert all(k in stored for k in range(before) if k not in skipped)
            skipped.add(before)
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    skipped: set[int] = set()
    asyncio.run(promise())


def test_old_records_are_deleted_now_and_then() -> None:
    async def promise() -> None:
        writer = made(max_records=5)
        decide(writer, *range(20))
        await writer.drain()
        await writer.drain()
        assert len(await ids(writer)) == 5
        decide(writer, 20)
        await writer.drain()
        assert len(await ids(writer)) == 6
        writer._clock.now += 60.0
        await writer.drain()
        assert await ids(writer) == [f"d-{n}" for n in range(16, 21)]

    asyncio.run(promise())


def test_reports_reach_the_shared_breaker() -> None:
    async def promise() -> None:
        writer = made()
        for _ in range(5):
            changes = writer._views.breakers.report("light", Report(False), 1_000.0)
        assert [change.after for change in changes] == ["open"]
        await writer.drain()
        assert (await writer._store.load_states("breaker"))["light"].version == 1
        assert len(await writer._store.scan("event")) == 1

    asyncio.run(promise())


def test_thread_writes_without_being_asked(tmp_path: Path) -> None:
    writer = made()
    thread = WriterThread(writer, 0.01)
    thread.start()
    decide(writer, *range(50))
    deadline = time.monotonic() + 20
    while len(writer.queue) and time.monotonic() < deadline:
        time.sleep(0.01)
    thread.stop()
    assert run(ids(writer)) == [f"d-{n}" for n in range(50)]


def test_threads_that_decide_lose_nothing_beside_thread_and_flushes(tmp_path: Path) -> None:
    from tiny_dancer.history import SQLiteStore

    writer = made(SQLiteStore(tmp_path / "history.db"), queue=100_000, batch=50)
    thread = WriterThread(writer, 0.001)
    thread.start()

    def work(k: int) -> None:
        for n in range(200):
            decide(writer, k * 1_000 + n)
            writer._views.breakers.report("light", Report(True), 1_000.0)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):
        run(writer.flush())
    thread.stop()
    run(writer.flush())
    assert sorted(run(ids(writer))) == sorted(
        f"d-{k * 1_000 + n}" for k in range(4) for n in range(200)
    )
    assert sum(b.calls for b in writer._views.breakers.state("light").window) == 800
    run(writer._store.close())


def test_end_of_the_program_writes_what_waits(tmp_path: Path) -> None:
    script = """
import sys
sys.path[:0] = sys.argv[2:]
from unit.test_history_writer import *
from tiny_dancer.history import SQLiteStore
writer = made(SQLiteStore(sys.argv[1]))
thread = WriterThread(writer, 3600.0)
thread.start()
decide(writer, *range(50))
"""
    path, tests = tmp_path / "history.db", Path(__file__).parents[1]
    command = [sys.executable, "-W", "ignore::ResourceWarning", "-c", script, path, tests]
    subprocess.run(list(map(str, command)), check=True)
    with Storage(path) as storage:
        assert storage.get_statistics().total_routes == 50
