"""What every store promises of shared states."""

import asyncio
import random

from stores.samples import (
    ODD,
    event,
)

from tiny_dancer.history.records.codec import from_row
from tiny_dancer.history.stores.store import Versioned


async def promise_a_state_changes_only_from_the_version_that_was_read(open_store):
    store = await open_store()
    assert await store.load_states("breaker") == {}
    assert not await store.swap_state("breaker", "light", "lost", 3)
    assert await store.swap_state("breaker", "light", "one", 0)
    assert not await store.swap_state("breaker", "light", "lost", 0)
    assert await store.swap_state("breaker", "light", ODD[3], 1)
    assert not await store.swap_state("breaker", "light", "lost", 1)
    assert await store.load_states("breaker") == {"light": Versioned(2, ODD[3])}


async def promise_states_of_other_names_and_kinds_are_others(open_store):
    store = await open_store()
    for kind, name in (("breaker", "light"), ("breaker", "powerful"), ("policy", "light")):
        assert await store.swap_state(kind, name, f"{kind} {name}", 0)
    one, two = Versioned(1, "breaker light"), Versioned(1, "breaker powerful")
    assert await store.load_states("breaker") == {"light": one, "powerful": two}
    assert await store.load_states("drift") == {}


async def promise_events_are_kept_with_the_swap_that_made_them(open_store):
    store = await open_store()
    assert await store.swap_state("breaker", "light", "one", 0, [event(1), event(1, 1)])
    assert not await store.swap_state("breaker", "light", "lost", 0, [event(1, 2)])
    assert not await store.swap_state("breaker", "light", "lost", 7, [event(8)])
    assert await store.swap_state("breaker", "light", "two", 1, [event(2)])
    kept = [from_row("event", row) for _, row in await store.scan("event")]
    assert kept == [event(1), event(1, 1), event(2)]


async def promise_no_spending_passes_its_bound_among_many(open_store):
    stores = [await open_store(), await open_store()]
    sums = await asyncio.gather(
        *(stores[k % 2].spend("key", "2026-01-01", 0.25, 5.0) for k in range(30))
    )
    assert sorted(one for one in sums if one is not None) == [n / 4 for n in range(1, 21)]
    assert await stores[0].spend("key", "2026-01-01", -1.5, 5.0) == 3.5
    assert await stores[1].spend("key", "2026-01-01", -9.0, 5.0) == 0.0


async def promise_a_later_period_begins_anew_and_an_earlier_one_is_over(open_store):
    store = await open_store()
    assert await store.spend("key", "2026-01-01", 6.0, 5.0) is None
    assert await store.spend("key", "2026-01-01", 4.0, 5.0) == 4.0
    assert await store.spend("other", "2026-01-01", 5.0, 5.0) == 5.0
    assert await store.spend("key", "2026-01-02", 3.0, 5.0) == 3.0
    assert await store.spend("key", "2026-01-01", -1.0, 5.0) is None
    assert await store.spend("key", "2026-01-02", 2.0, 5.0) == 5.0
    if open_store.durable:
        await store.close()
        again = await open_store()
        assert await again.spend("key", "2026-01-02", 0.5, 5.0) is None
        assert await again.spend("key", "2026-01-02", 0.5, 6.0) == 5.5


async def promise_no_swap_is_lost_among_many(open_store):
    stores = [await open_store(), await open_store()]

    async def add(store, times: int) -> None:
        for _ in range(times):
            while True:
                state = (await store.load_states("drift")).get("x", Versioned(0, "0"))
                text = str(int(state.text) + 1)
                if await store.swap_state("drift", "x", text, state.version):
                    break
                await asyncio.sleep(random.random() / 50)

    await asyncio.gather(*(add(stores[k % 2], 5) for k in range(4)))
    assert await stores[0].load_states("drift") == {"x": Versioned(20, "20")}
