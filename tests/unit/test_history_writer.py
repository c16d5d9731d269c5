"""The queue between router and store: in order, bounded, nothing lost or doubled."""

import asyncio

import pytest
from history_writing import Response, Slow, decide, ids, made

from tiny_dancer.breaker.events import Report
from tiny_dancer.errors import StoreError, StoreFullError
from tiny_dancer.history import Outcome
from tiny_dancer.history.records.prompt_hash import prompt_hash
from tiny_dancer.history.writer.queued_decision import QueuedDecision


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
