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
    return seen.policies.get(bundle_hash, (None, None))[1]


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
