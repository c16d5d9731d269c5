"""What a router asks of the history, with and without a store."""

import asyncio
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from responses import make_response

from tiny_dancer import Router, RouterConfig
from tiny_dancer.breaker.events import Report
from tiny_dancer.config import BreakerConfig, HistoryConfig, Price
from tiny_dancer.errors import StoreError
from tiny_dancer.history import MemoryStore, Outcome, SQLiteStore, Storage
from tiny_dancer.history.recorder import Recorder
from tiny_dancer.response import Reason, RoutingResponse

MODELS = ("light", "powerful")


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


HELLO = SimpleNamespace(text=b"hello", head_inputs=())
"""What a decision was made of."""


def response(n: int) -> RoutingResponse:
    return make_response(f"d-{n}", "light", Reason.BELOW_THRESHOLD)


def outcome(n: int, **changes) -> Outcome:
    return Outcome(decision_id=f"d-{n}", at=1_000.0, scores={"light": 1.0}, **changes)


def recorder(store=None, clock=None, **config) -> Recorder:
    return Recorder(store, HistoryConfig(**config), BreakerConfig(jitter=0.0), clock or Clock())


def test_without_a_store_there_are_counters_and_breakers() -> None:
    one = recorder()
    one.start()
    one.intake.add(response(1), HELLO)
    for _ in range(5):
        one.report("light", Report(False))
    one.record_outcome(outcome(1, cost=0.5))
    assert one.check_health(MODELS) == [False, True]
    assert (one.is_healthy("light"), one.is_healthy("powerful")) == (False, True)
    assert one.retry_after_s(["light"]) == 60.0
    metrics = one.metrics()
    assert (metrics.total, metrics.outcomes, metrics.cost) == (1, 1, 0.5)
    assert metrics.breakers == {"light": "open"}
    assert metrics.transitions == {("light", "open"): 1}
    one.close()


def test_breakers_that_are_off() -> None:
    one = Recorder(None, HistoryConfig(), None, Clock())
    for _ in range(9):
        one.report("light", Report(False))
    assert one.check_health(MODELS) == [True, True] and one.is_healthy("light") is None
    assert asyncio.run(one.lease("light")) is None and one.metrics().breakers == {}


def test_close_writes_and_closes(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    one = recorder(SQLiteStore(path))
    one.start()
    for n in range(20):
        one.intake.add(response(n), HELLO)
    one.record_outcome(outcome(3, tokens_in=10, tokens_out=20))
    one.close()
    with Storage(path) as storage:
        statistics = storage.get_statistics()
        assert (statistics.total_routes, statistics.outcomes) == (20, 1)
        assert len({r.prompt_hash for r in storage.query_routings()}) == 1


def test_cold_start_while_open(tmp_path: Path) -> None:
    path, clock = tmp_path / "history.db", Clock()
    one = recorder(SQLiteStore(path), clock)
    one.start()
    for _ in range(5):
        one.report("light", Report(False))
    one.close()
    clock.now += 10
    two = recorder(SQLiteStore(path), clock)
    two.start()
    assert two.check_health(MODELS) == [False, True] and two.retry_after_s(["light"]) == 50.0
    clock.now += 50
    lease = asyncio.run(two.lease("light"))
    assert lease is not None and two.check_health(MODELS, lease) == [True, True]
    two.close()


def test_prices_give_costs() -> None:
    prices = {"light": Price(1.0, 2.0), "powerful": Price(10.0, 30.0)}
    one = recorder(prices=prices)
    said = outcome(1, tokens_in=1_000, tokens_out=500)
    one.record_outcome(said, model="light", powerful="powerful")
    assert one.metrics().cost == pytest.approx(0.002)
    assert one.metrics().money_saved == pytest.approx(0.025 - 0.002)


def test_prices_beyond_reason_never_refuse_an_outcome() -> None:
    one = recorder(prices={"light": Price(1e15, 1e15)})
    one.record_outcome(outcome(1, tokens_in=10**9, tokens_out=10**9), model="light")
    assert one.metrics().cost == 1e9


class Meanwhile(MemoryStore):
    """While it stores decisions, another one is made and its outcome told."""

    def __init__(self, act) -> None:
        super().__init__()
        self.act = act

    async def record_routings(self, records) -> None:
        await super().record_routings(records)
        self.act()


def test_an_outcome_told_while_its_decision_waits_is_kept() -> None:
    numbers = iter(range(1, 6))

    def act() -> None:
        for n in numbers:
            one.intake.add(response(n), HELLO)
            one.record_outcome(outcome(n))
            break

    async def run() -> None:
        one.intake.add(response(0), HELLO)
        await one.flush()
        assert (await store.statistics()).outcomes == 5
        assert one.metrics().unknown_outcomes == 0

    store = Meanwhile(act)
    one = recorder(store)
    asyncio.run(run())


def test_a_store_that_fails_does_not_stop_a_decision() -> None:
    class Failing(MemoryStore):
        async def load_states(self, kind: str):
            raise StoreError("no")

        async def record_routings(self, records) -> None:
            raise StoreError("no")

    one = recorder(Failing(), flush_s=0.01)
    one.start()
    one.intake.add(response(1), HELLO)
    one.report("light", Report(False))
    assert one.check_health(MODELS) == [True, True]
    assert asyncio.run(one.lease("light")) is None
    with pytest.raises(StoreError):
        one.close()
    assert one.metrics().queued == 1


class Unclosable(MemoryStore):
    async def close(self) -> None:
        raise StoreError("it does not close")


def test_a_store_that_does_not_close_ends_the_recorder_all_the_same() -> None:
    one = recorder(Unclosable())
    with pytest.raises(StoreError, match="does not close"):
        asyncio.run(one.aclose())
    with pytest.raises(StoreError, match="closed"):
        one.record_outcome(outcome(1))


def test_a_thread_that_does_not_stop_leaves_the_store_closed(monkeypatch) -> None:
    class Watched(MemoryStore):
        is_closed = False

        async def close(self) -> None:
            self.is_closed = True

    store = Watched()
    one = recorder(store)

    def fail(*_: object) -> None:
        raise RuntimeError("no thread to stop")

    monkeypatch.setattr(type(one._thread), "stop", fail)
    with pytest.raises(RuntimeError, match="no thread"):
        asyncio.run(one.aclose())
    assert store.is_closed


def test_decisions_that_wait_hold_no_long_prompts() -> None:
    config = RouterConfig(history=HistoryConfig(flush_s=3_600))
    with Router(config, store=MemoryStore()) as router:
        router.route("the key of the store is read with the first decisions")
        asyncio.run(router.flush())
        tracemalloc.start()
        for n in range(100):
            router.route(f"{n} " + "long " * 12_000)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert router.metrics().queued == 100
    assert held < 1_000_000  # 6 MB of prompts
