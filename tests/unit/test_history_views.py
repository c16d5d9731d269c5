"""Policies as a decision sees them, and how old that may be."""

import asyncio

import pytest

from tiny_dancer.config import BreakerConfig, HistoryConfig
from tiny_dancer.errors import StoreError
from tiny_dancer.history import MemoryStore
from tiny_dancer.history.states.views import Views
from tiny_dancer.policy import Policy


class Failing(MemoryStore):
    async def load_states(self, kind: str):
        raise StoreError("no")


def views(store=None) -> Views:
    return Views(store or MemoryStore(), HistoryConfig(view_age_s=5.0), BreakerConfig())


def stored(seen: Views, bundle_hash: str) -> Policy | None:
    return seen.reading.policies.get(bundle_hash, (None, None))[1]


def test_policy_of_a_bundle() -> None:
    async def promise() -> None:
        store = MemoryStore()
        seen = views(store)
        policy = Policy(0.25, bundle_hash="b" * 64)
        await store.swap_state("policy", "b" * 64, policy.to_json(), 0)
        assert stored(seen, "b" * 64) is None
        await seen.refresh(0.0)
        assert stored(seen, "b" * 64) == policy and stored(seen, "c" * 64) is None
        newer = Policy(0.5, bundle_hash="b" * 64)
        await store.swap_state("policy", "b" * 64, newer.to_json(), 1)
        await seen.refresh(0.0)
        assert stored(seen, "b" * 64) == newer

    asyncio.run(promise())


def test_a_policy_that_is_none_is_left_out_and_said() -> None:
    async def promise() -> None:
        store = MemoryStore()
        seen = views(store)
        await store.swap_state("policy", "a", "{}", 0)
        await store.swap_state("policy", "b", Policy(0.5).to_json(), 0)
        await seen.refresh(0.0)
        assert stored(seen, "a") is None and stored(seen, "b") == Policy(0.5)
        assert "version" in str(seen.fault)

    asyncio.run(promise())


def test_views_are_stale_after_their_age_and_after_a_step_back() -> None:
    seen = views()
    assert seen.is_stale(100.0)
    asyncio.run(seen.refresh(100.0))
    assert [seen.is_stale(t) for t in (100.0, 104.9, 105.0, 99.0)] == [False, False, True, True]
    seen.expire()
    assert seen.is_stale(100.0)


def test_one_refresh_at_a_time() -> None:
    seen = views()
    assert [seen.claim(t) for t in (100.0, 100.5, 101.0)] == [True, False, True]


def test_views_without_a_store_are_never_stale() -> None:
    assert not Views(None, HistoryConfig(), BreakerConfig()).is_stale(0.0)


def test_a_failing_store_leaves_the_views_as_they_were() -> None:
    seen = views(Failing())
    with pytest.raises(StoreError):
        asyncio.run(seen.refresh(0.0))
    assert seen.is_stale(0.0)
    assert asyncio.run(seen.lease("light", 0.0)) is None
    assert str(seen.fault) == "no"


def test_what_could_be_read_again_is_no_fault_any_more(caplog) -> None:
    async def promise() -> None:
        store = MemoryStore()
        seen = views(store)
        await store.swap_state("policy", "b" * 64, "{}", 0)
        for _ in range(3):
            await seen.refresh(0.0)
        assert seen.fault is not None and seen.reading.unreadable == {"b" * 64}
        assert len(caplog.records) == 1 and "all of it is powerful" in caplog.text  # said once
        await store.swap_state("policy", "b" * 64, Policy(0.5).to_json(), 1)
        await seen.refresh(0.0)
        assert seen.fault is None and not seen.reading.unreadable

    asyncio.run(promise())


class Held(MemoryStore):
    """Its first look at the policies is answered late, by what it read early."""

    def __init__(self) -> None:
        super().__init__()
        self.passes, self.looks = asyncio.Event(), 0

    async def load_states(self, kind: str):
        states = await super().load_states(kind)
        self.looks += kind == "policy"
        if kind == "policy" and self.looks == 1:
            await self.passes.wait()
        return states


def test_a_look_that_ends_late_does_not_bring_back_what_is_old() -> None:
    async def promise() -> None:
        store = Held()
        seen = views(store)
        older, newer = Policy(0.25), Policy(0.5)
        await store.swap_state("policy", "b", older.to_json(), 0)
        late = asyncio.ensure_future(seen.refresh(0.0))
        while not store.looks:
            await asyncio.sleep(0)
        await store.swap_state("policy", "b", newer.to_json(), 1)
        await seen.refresh(0.0)
        assert stored(seen, "b") == newer
        store.passes.set()
        await late
        assert stored(seen, "b") == newer

    asyncio.run(promise())
