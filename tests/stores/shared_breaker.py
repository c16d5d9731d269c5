"""Breakers shared through a store, as plain coroutines like `contract.py`.

Two `Views` on two handles of one storage are two processes, two tabs or two isolates.
"""

import asyncio
import json

from tiny_dancer.breaker.events import Report
from tiny_dancer.breaker.lease import Lease
from tiny_dancer.breaker.state import BreakerState, Mode, mode_at
from tiny_dancer.config import BreakerConfig, HistoryConfig
from tiny_dancer.errors import StoreError
from tiny_dancer.history.records.codec import from_row
from tiny_dancer.history.states.views import Views

BREAKER = BreakerConfig(jitter=0.0)
FAILED, OK = Report(False), Report(True)


def views(store, **config) -> Views:
    return Views(store, HistoryConfig(), BreakerConfig(jitter=0.0, **config))


async def opened(store, at: float = 1_000.0) -> Views:
    """Views that have seen five failures and shared them."""
    one = views(store)
    for _ in range(5):
        one.breakers.report("light", FAILED, at)
    await one.breakers.commit(at)
    return one


async def changes(store) -> list[tuple[str, str]]:
    """All records of changes of mode: before and after."""
    events = [from_row("event", row) for _, row in await store.scan("event", 0, 1_000)]
    texts = [json.loads(event.text) for event in events]
    return [(text["before"], text["after"]) for text in texts]


async def promise_a_report_counts_at_once_and_is_shared_by_commit(open_store):
    store, other = await open_store(), await open_store()
    one, two = views(store), views(other)
    for _ in range(5):
        one.breakers.report("light", FAILED, 1_000.0)
    assert not one.breakers.is_healthy("light", 1_000.0)
    await two.refresh(1_000.0)
    assert two.breakers.is_healthy("light", 1_000.0)
    await one.breakers.commit(1_000.0)
    await two.refresh(1_001.0)
    assert not two.breakers.is_healthy("light", 1_001.0)
    assert two.breakers.is_healthy("powerful", 1_001.0)
    assert await changes(store) == [("closed", "open")]


async def promise_failures_seen_by_two_add_up(open_store):
    store, other = await open_store(), await open_store()
    one, two = views(store), views(other)
    for k in range(5):
        (one if k % 2 else two).breakers.report("light", FAILED, 1_000.0)
    await one.breakers.commit(1_000.0)
    assert mode_at(one.breakers.state("light"), 1_000.0) is Mode.CLOSED
    await two.breakers.commit(1_000.0)
    assert mode_at(two.breakers.state("light"), 1_000.0) is Mode.OPEN


async def promise_a_cold_start_finds_the_breaker_open(open_store):
    store = await open_store()
    await opened(store)
    cold = views(await open_store())
    assert cold.is_stale(1_030.0)
    assert await cold.lease("light", 1_030.0) is None
    assert not cold.breakers.is_healthy("light", 1_030.0)
    assert cold.breakers.retry_after_s(["light"], 1_030.0) == 30.0


async def promise_reading_the_status_writes_nothing(open_store):
    store = await open_store()
    one = await opened(store)
    before = await store.load_states("breaker")
    for now in range(1_000, 1_200):
        one.breakers.is_healthy("light", now)
        one.breakers.retry_after_s(["light", "powerful"], now)
    await one.breakers.commit(1_200.0)
    assert await store.load_states("breaker") == before


async def promise_two_get_three_leases_together(open_store):
    stores = [await open_store(), await open_store()]
    await opened(stores[0])
    both = [views(store) for store in stores]
    wanted = [both[k % 2].lease("light", 1_060.0) for k in range(10)]
    leases = [lease for lease in await asyncio.gather(*wanted) if lease is not None]
    assert len(leases) == 3 and len({lease.id for lease in leases}) == 3
    assert await changes(stores[0]) == [("closed", "open"), ("open", "half_open")]


async def promise_probes_answered_at_two_places_close(open_store):
    store, other = await open_store(), await open_store()
    await opened(store)
    one, two = views(store), views(other)
    first = await one.lease("light", 1_060.0)
    second = await two.lease("light", 1_060.0)
    assert one.breakers.is_healthy("light", 1_061.0, first)
    assert not one.breakers.is_healthy("light", 1_061.0)
    assert not one.breakers.is_healthy("light", 1_061.0, Lease("powerful", first.id, 1e12))
    one.breakers.report("light", Report(True, lease=first.id), 1_061.0)
    two.breakers.report("light", Report(True, lease=second.id), 1_062.0)
    await one.breakers.commit(1_062.0)
    await two.breakers.commit(1_062.0)
    assert mode_at(two.breakers.state("light"), 1_062.0) is Mode.CLOSED
    await one.refresh(1_063.0)
    assert one.breakers.is_healthy("light", 1_063.0)
    assert await changes(store) == [
        ("closed", "open"),
        ("open", "half_open"),
        ("half_open", "closed"),
    ]


async def promise_a_probe_that_never_answers_frees_its_place(open_store):
    store = await open_store()
    await opened(store)
    one = views(store)
    for _ in range(3):
        assert await one.lease("light", 1_060.0)
    assert await one.lease("light", 1_100.0) is None
    assert await one.lease("light", 1_120.0)


async def promise_no_report_of_many_is_lost_or_doubled(open_store):
    """Two at a time report in turn, each commits on its own: 48 calls are 48 calls."""
    stores = [await open_store(), await open_store()]
    both = [views(store, min_calls=10_000) for store in stores]

    async def work(k: int) -> None:
        for _ in range(6):
            both[k % 2].breakers.report("light", OK, 1_000.0)
            await both[k % 2].breakers.commit(1_000.0, everything=True)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(k) for k in range(8)))
    for one in both:
        await one.breakers.commit(1_000.0, everything=True)
    cold = views(stores[0])
    await cold.refresh(1_000.0)
    assert sum(bucket.calls for bucket in cold.breakers.state("light").window) == 48


async def promise_successes_wait_and_failures_do_not(open_store):
    store = await open_store()
    one = views(store)
    one.breakers.report("light", OK, 1_000.0)
    await one.breakers.commit(1_000.0)
    for k in range(10):
        one.breakers.report("light", OK, 1_000.0 + k / 10)
        await one.breakers.commit(1_000.0 + k / 10)
    assert (await store.load_states("breaker"))["light"].version == 1
    one.breakers.report("light", FAILED, 1_001.0)
    await one.breakers.commit(1_001.0)
    assert (await store.load_states("breaker"))["light"].version == 2
    assert sum(bucket.calls for bucket in one.breakers.state("light").window) == 12


async def promise_forcing_is_stored_when_it_returns(open_store):
    store, other = await open_store(), await open_store()
    one, two = views(store), views(other)
    await one.breakers.force("light", Mode.FORCED_OPEN, 1_000.0)
    assert await two.lease("light", 1_000.0) is None
    assert not two.breakers.is_healthy("light", 1e9)
    assert two.breakers.retry_after_s(["light"], 1_000.0) is None
    await two.breakers.force("light", None, 1_001.0)
    await one.refresh(1_001.0)
    assert one.breakers.is_healthy("light", 1_001.0)


async def promise_the_last_forcing_acknowledged_is_the_one_that_holds(open_store):
    """Each of two knows only what it did itself."""
    stores = [await open_store(), await open_store()]
    both = [views(store) for store in stores]
    modes = (Mode.FORCED_OPEN, Mode.FORCED_CLOSED, Mode.FORCED_OPEN, None, Mode.FORCED_OPEN)
    for n, mode in enumerate(modes):
        await both[n % 2].breakers.force("light", mode, 1_000.0 + n)
    cold = views(await open_store())
    await cold.refresh(1_010.0)
    assert cold.breakers.state("light").mode is Mode.FORCED_OPEN
    assert not both[0].breakers.is_healthy("light", 1_010.0)


async def promise_a_report_counts_where_only_an_old_view_says_that_it_changes_nothing(open_store):
    store, other = await open_store(), await open_store()
    one, two = views(store), views(other)
    await two.breakers.force("light", Mode.FORCED_CLOSED, 1_000.0)
    await one.breakers.force("light", None, 1_001.0)
    for _ in range(5):
        two.breakers.report("light", FAILED, 1_002.0)  # to it, still held closed
    await two.breakers.commit(1_002.0)
    await one.refresh(1_003.0)
    assert mode_at(one.breakers.state("light"), 1_003.0) is Mode.OPEN


async def promise_a_clock_set_back_delays_the_probe_by_one_period_at_most(open_store):
    store, other = await open_store(), await open_store()
    await opened(store, at=10_000.0)
    one, two = views(store), views(other)
    now = 10_000.0 - 3_600.0
    assert await one.lease("light", now) is None
    assert one.breakers.retry_after_s(["light"], now) == 60.0
    await one.breakers.commit(now)
    for wait in (1.0, 30.0, 59.0):
        assert await two.lease("light", now + wait) is None
    assert await two.lease("light", now + 60.0) is not None
    assert await changes(store) == [("closed", "open"), ("open", "half_open")]


async def promise_a_clock_set_back_is_noticed_without_a_request(open_store):
    store = await open_store()
    one = await opened(store, at=10_000.0)
    await one.breakers.commit(6_400.0)
    cold = views(await open_store())
    assert await cold.lease("light", 6_460.0) is not None


async def promise_one_damaged_state_holds_up_no_other(open_store):
    store = await open_store()
    await store.swap_state("breaker", "a", "rubbish", 0)
    one = views(store)
    for model in ("a", "light"):
        for _ in range(5):
            one.breakers.report(model, FAILED, 1_000.0)
    try:
        await one.breakers.commit(1_000.0)
    except StoreError as error:
        assert "breaker snapshot" in str(error)
    else:
        raise AssertionError("a damaged state was written over")
    cold = views(await open_store())
    await cold.refresh(1_001.0)
    assert not cold.breakers.is_healthy("light", 1_001.0)


async def promise_a_damaged_state_is_said_and_kept(open_store):
    store = await open_store()
    await store.swap_state("breaker", "light", "rubbish", 0)
    one = views(store)
    await one.refresh(1_000.0)
    assert "breaker snapshot" in str(one.fault)
    one.breakers.report("light", FAILED, 1_000.0)
    try:
        await one.breakers.commit(1_000.0)
    except StoreError:
        pass
    else:
        raise AssertionError("a damaged state was written over")
    assert (await store.load_states("breaker"))["light"].text == "rubbish"
    assert one.breakers.state("light").consecutive == 1  # the process goes on by itself


async def promise_without_a_store_the_process_is_alone(open_store):
    one = Views(None, HistoryConfig(), BREAKER)
    assert not one.is_stale(0.0)
    for _ in range(5):
        one.breakers.report("light", FAILED, 1_000.0)
    assert await one.lease("light", 1_001.0) is None
    leases = [await one.lease("light", 1_060.0) for _ in range(4)]
    assert [lease is not None for lease in leases] == [True, True, True, False]
    for lease in leases[:2]:
        one.breakers.report("light", Report(True, lease=lease.id), 1_061.0)
    assert one.breakers.state("light") == BreakerState(openings=1)
