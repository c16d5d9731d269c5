"""What drift says where a store cannot be read, was emptied, or keeps no prompts: never less."""

import asyncio
import sqlite3

import pytest
from drift_work import CONFIG, Clock, Work
from random_bundle import random_bundle

from tiny_dancer import Reason, Router
from tiny_dancer.config import HistoryConfig, RouterConfig
from tiny_dancer.errors import StoreLockedError
from tiny_dancer.history import MemoryStore, SQLiteStore
from tiny_dancer.policy import Policy


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def work(request, clock, tmp_path):
    store = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "h.db")
    made = Work(store, clock)
    with made.router:
        yield made


@pytest.fixture
def alarmed(clock, tmp_path):
    """A database that holds an alarm."""
    path = tmp_path / "h.db"
    work = Work(SQLiteStore(path), clock)
    with work.router:
        work.certify()
        work.break_light()
        work.observe(1, 0.2)
        asyncio.run(work.router.flush())
    return path


def damage_last(path, table: str) -> None:
    with sqlite3.connect(path) as base:
        base.execute(
            f"update {table} set score = 99, propensity = -1, decision_id = ''"
            f" where seq = (select max(seq) from {table})"
        )
    base.close()


@pytest.mark.parametrize("table", ["outcomes", "decisions"])
def test_an_alarm_holds_though_another_row_cannot_be_read(alarmed, table):
    damage_last(alarmed, table)
    with Router(CONFIG, model=random_bundle(3), store=SQLiteStore(alarmed)) as later:
        decision = later.route("question")
        assert (decision.model, decision.reason) == ("powerful", Reason.DRIFT_ALARM)
        assert later.drift().state == "alarm"
        asyncio.run(later.acknowledge_drift())  # the damaged row is behind from then on
        assert later.drift().state == "steady"
        later._history.views.expire()
        asyncio.run(later.refresh())
        assert later.drift().state == "steady"


def test_a_running_router_is_alarmed_by_a_row_that_cannot_be_read(clock, tmp_path):
    path = tmp_path / "h.db"
    work = Work(SQLiteStore(path), clock)
    with work.router:
        work.certify()
        work.look()
        assert work.router.drift().state == "steady"
        work.observe(1, 0.97)
        asyncio.run(work.router.flush())
        damage_last(path, "outcomes")
        work.look()
        assert work.router.drift().is_unreadable
        assert not work.router._history.views.is_stale(clock())
        assert work.router.route("question 1 about a").reason is Reason.DRIFT_ALARM


class Lockable(SQLiteStore):
    """Fails at a method, as a database does that another process holds."""

    locked = ""

    async def scan(self, *args):
        self._refuse("scan")
        return await super().scan(*args)

    async def load_states(self, kind):
        self._refuse(kind)
        return await super().load_states(kind)

    def _refuse(self, what):
        if self.locked == what:
            raise StoreLockedError("database is locked")


@pytest.mark.parametrize("locked", ["scan", "drift", "policy"])
def test_what_a_store_did_not_say_yet_is_an_alarm_and_what_it_said_holds(alarmed, locked):
    with Router(CONFIG, model=random_bundle(3), store=SQLiteStore(alarmed)) as router:
        asyncio.run(router.acknowledge_drift())
        (state,) = asyncio.run(router._history.store.load_states("policy")).values()
        policy = Policy.from_json(state.text)
    store = Lockable(alarmed)
    store.locked = locked
    with Router(CONFIG, model=random_bundle(3), store=store, policy=policy) as router:
        assert router.route("question").reason is Reason.DRIFT_ALARM
        assert router._history.views.fault is not None
        store.locked = ""
        asyncio.run(router.refresh())  # without waiting
        assert router.drift().state == "steady"
        store.locked = locked
        router._history.views.expire()
        asyncio.run(router.refresh())
        assert router.drift().state == "steady"
        assert router.route("question").reason is not Reason.DRIFT_ALARM


def test_a_policy_is_not_in_service_before_its_monitors_were_read(alarmed):
    thresholds = []

    class Watching(SQLiteStore):
        router = None

        async def scan(self, *args):
            if self.router is not None:
                thresholds.append(self.router.score("question").threshold)
            return await super().scan(*args)

    store = Watching(alarmed)
    with Router(CONFIG, model=random_bundle(3), store=MemoryStore()) as plain:
        own = plain.score("question").threshold
    policies = store.load_states

    async def load_none(kind):
        return {} if kind == "policy" else await policies(kind)

    store.load_states = load_none
    with Router(CONFIG, model=random_bundle(3), store=store) as router:
        store.load_states = policies
        store.router = router
        router._history.views.expire()
        asyncio.run(router.refresh())
        store.router = None
        assert set(thresholds) == {own}
        assert router.route("question").reason is Reason.DRIFT_ALARM


def test_monitors_read_on_after_all_rows_were_deleted(work):
    work.certify()
    work.observe(100, 0.97)
    work.look()
    assert work.router.drift().loss.n == 100
    store = work.router._history.store
    while asyncio.run(store.retain(float("inf"), 0)):
        pass
    work.observe(30, 0.97)
    work.look()
    drift = work.router.drift()
    assert (drift.loss.n, drift.scores.n) == (130, 130)
    work.observe(10, 0.97)
    work.look()
    assert work.router.drift().loss.n == 140


def test_without_hashes_of_prompts_an_outcome_that_is_added_to_counts_once(clock):
    config = RouterConfig(history=HistoryConfig(flush_s=3_600, hash_prompts=False))
    work = Work(MemoryStore(), clock, config)
    with work.router:
        work.certify()
        name = work.router.route("question").decision_id
        for latency in (1.0, 2.0, 3.0):
            work.router.record_outcome(
                name, light_score=1.0, powerful_score=1.0, latency_ms=latency
            )
            work.look()
        assert work.router.drift().loss.n == 1
