"""What every store promises of several handles of one storage."""

import asyncio

from stores.samples import (
    decision,
    everything,
    filled,
    refuses,
)

from tiny_dancer.errors import StoreError
from tiny_dancer.history.records import (
    Outcome,
)


async def promise_the_prompt_key_stays_until_all_is_deleted(open_store):
    one, two = await open_store(), await open_store()
    key = await one.prompt_key()
    assert len(key) == 32 and await two.prompt_key() == key
    await one.clear()
    assert await two.prompt_key() != key


async def promise_two_handles_see_each_others_writes(open_store):
    one, two = await open_store(), await open_store()
    await one.record_routings([decision(1)])
    await two.record_routings([decision(1), decision(2)])
    assert await one.record_outcomes([Outcome(decision_id="d-2", at=1.0)]) == ()
    assert await one.query_routings() == await two.query_routings() == [decision(2), decision(1)]
    assert await one.statistics() == await two.statistics()


async def promise_many_writers_at_once_lose_and_double_nothing(open_store):
    stores = [await open_store(), await open_store()]

    async def write(k: int) -> None:
        for n in range(4):
            numbers = range(k * 100 + n * 25, k * 100 + n * 25 + 25)
            await stores[k % 2].record_routings([decision(m) for m in numbers])
            said = [Outcome(decision_id=f"d-{m}", at=1.0, cost=1.0) for m in numbers]
            assert await stores[k % 2].record_outcomes(said) == ()

    await asyncio.gather(*(write(k) for k in range(8)))
    statistics = await stores[0].statistics()
    assert (statistics.total_routes, statistics.cost) == (800, 800.0)
    ids = {row[0] for _, row in await stores[0].scan("decision", 0, 1_000)}
    assert ids == {f"d-{n}" for n in range(800)}


async def promise_what_was_written_is_there_after_reopening(open_store):
    store = await open_store()
    await filled(store)
    before, statistics, key = (
        await everything(store),
        await store.statistics(),
        await store.prompt_key(),
    )
    if not open_store.durable:
        return
    await store.close()
    store = await open_store()
    assert await everything(store) == before
    assert await store.statistics() == statistics
    assert await store.prompt_key() == key


async def promise_a_closed_store_says_so(open_store):
    store = await open_store()
    await store.close()
    await store.close()
    await refuses(StoreError, store.record_routings([decision(1)]))
    await refuses(StoreError, store.statistics())
