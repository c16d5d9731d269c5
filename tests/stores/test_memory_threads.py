"""A router's writer and a gateway's requests use one memory store from two threads."""

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from stores.samples import decision

from tiny_dancer.history import MemoryStore, Outcome


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_two_threads_lose_no_swap_and_break_no_scan(often):
    store, each = MemoryStore(), 400

    async def count() -> int:
        won = 0
        for _ in range(each):
            known = (await store.load_states("k")).get("n")
            version = known.version if known is not None else 0
            won += await store.swap_state("k", "n", str(version), version)
        return won

    async def write() -> None:
        for n in range(each):
            await store.record_routings([decision(n)])
            await store.record_outcomes([Outcome(decision_id=f"d-{n}", at=1.0, cost=1.0)])
            await store.retain(0.0, 50)
            await store.scan("decision", 0, 20)

    with ThreadPoolExecutor(4) as pool:
        counts = [pool.submit(asyncio.run, count()) for _ in range(2)]
        writes = [pool.submit(asyncio.run, write()) for _ in range(2)]
        won = sum(one.result() for one in counts)
        for one in writes:
            one.result()
    assert asyncio.run(store.load_states("k"))["n"].version == won
    assert asyncio.run(store.statistics()).total_routes >= each
