"""Routers that are copied, forked, closed, shared or forgotten: nothing is lost without a word."""

import asyncio
import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import PATIENCE_S, WORK_S
from random_bundle import random_bundle

from tiny_dancer import Candidate, InvalidInputError, Router
from tiny_dancer.config import HistoryConfig, RouterConfig
from tiny_dancer.errors import StoreError
from tiny_dancer.history import MemoryStore, SQLiteStore, Storage
from tiny_dancer.history.writer import thread as writing

BUNDLE = random_bundle(1)
SLOW = RouterConfig(history=HistoryConfig(flush_s=3600.0))
"""No thread writes by itself."""


def stored(path) -> int:
    with Storage(path) as storage:
        return len(storage.query_routings(10_000))


def wait_for_writers(before: set[threading.Thread]) -> None:
    """Those that were started since; other tests may hold routers of their own."""
    for one in set(threading.enumerate()) - before:
        if one.name == "tiny-dancer-history":
            one.join(PATIENCE_S)
            assert not one.is_alive()


def decide_and_forget(path) -> str:
    router = Router(SLOW, model=BUNDLE, store=SQLiteStore(path))
    return router.route("what is the city").decision_id


def test_a_router_used_once_and_never_closed_stores_its_decision_two_hundred_times(tmp_path):
    path, before = tmp_path / "history.db", set(threading.enumerate())
    made = {decide_and_forget(path) for _ in range(200)}
    gc.collect()
    wait_for_writers(before)
    with Storage(path) as storage:
        assert {record.decision_id for record in storage.query_routings(1_000)} == made
    assert len(made) == 200


def test_a_program_that_ends_without_closing_stores_its_decisions(tmp_path):
    code = (
        "import sys; sys.path[:0] = ['tests']\n"
        "from test_router_lifecycle import decide_and_forget, Router, SLOW, BUNDLE, SQLiteStore\n"
        "held = Router(SLOW, model=BUNDLE, store=SQLiteStore('h.db'))\n"
        "[held.route(str(i)) for i in range(7)]\n"
        "[decide_and_forget('h.db') for i in range(20)]\n"
    )
    here = os.path.dirname(__file__)
    folders = os.pathsep.join([here, os.path.dirname(here), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": folders},
        capture_output=True,
        timeout=WORK_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert stored(tmp_path / "h.db") == 27


def test_what_cannot_be_stored_any_more_is_warned_about(monkeypatch):
    monkeypatch.setattr(writing, "LAST_WAITS_S", (0.0,))
    told, before = [], set(threading.enumerate())
    monkeypatch.setattr(writing.warnings, "warn", lambda text, *rest, **named: told.append(text))
    store = MemoryStore()
    router = Router(SLOW, model=BUNDLE, store=store)
    router.route("x")
    asyncio.run(store.close())
    del router
    gc.collect()
    wait_for_writers(before)
    assert told
    assert "1 of its records could not be stored" in told[0]
    assert "call close(), or use it in a with block" in told[0]


@pytest.mark.parametrize("call", [pickle.dumps, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("store", [None, MemoryStore])
def test_a_router_that_is_copied_says_what_to_do(call, store):
    with Router(SLOW, model=BUNDLE, store=store and store()) as router:
        with pytest.raises(InvalidInputError, match="cannot be pickled or copied; make one where"):
            call(router)
        assert router.route("x").model


def test_what_goes_to_and_comes_from_a_router_can_be_pickled():
    candidate = Candidate("a", embedding=[1.0, 0.5], created_at=0, success_rate=0.5)
    again = pickle.loads(pickle.dumps(candidate))
    assert (again.id, list(again.embedding)) == ("a", [1.0, 0.5])
    response = Router(model=BUNDLE).route("what is the city")
    assert pickle.loads(pickle.dumps(response)).to_dict() == response.to_dict()
    assert copy.deepcopy(response).to_dict() == response.to_dict()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_closed_router_says_that_it_is_closed(tmp_path, kind):
    store = MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "h.db")
    router = Router(SLOW, model=BUNDLE, store=store)
    decision = router.route("x")
    router.close()
    router.close()  # again does nothing
    asyncio.run(router.aclose())
    for call in (
        lambda: router.route("x"),
        lambda: router.record_outcome(decision.decision_id, light_score=1.0),
        lambda: asyncio.run(router.flush()),
        lambda: asyncio.run(router.delete_all()),
        lambda: asyncio.run(router.force_breaker("light", None)),
    ):
        with pytest.raises(StoreError, match="the router is closed; make another one"):
            call()
    assert sum(router.metrics().decisions.values()) == 1
    if kind == "sqlite":
        assert stored(tmp_path / "h.db") == 1


def test_a_router_without_a_store_has_nothing_to_close():
    router = Router(model=BUNDLE)
    router.close()
    assert router.route("x").model


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_store_shared_by_two_routers_is_closed_with_the_first_and_says_so(tmp_path, kind):
    store = MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "h.db")
    one, two = (Router(SLOW, model=BUNDLE, store=store) for _ in range(2))
    one.route("x")
    two.route("y")
    one.close()
    with pytest.raises(StoreError, match=r"the store is closed .*give each router another one"):
        asyncio.run(two.flush())
    with pytest.raises(StoreError, match="the store is closed"):
        two.close()


def test_two_stores_on_one_file_are_how_routers_share_a_history(tmp_path):
    path = tmp_path / "h.db"
    with (
        Router(SLOW, model=BUNDLE, store=SQLiteStore(path)) as one,
        Router(SLOW, model=BUNDLE, store=SQLiteStore(path)) as two,
    ):
        one.route("x")
        two.route("y")
    assert stored(path) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_is_told_to_make_a_router_of_its_own(tmp_path):
    path = tmp_path / "h.db"
    router, plain = Router(SLOW, model=BUNDLE, store=SQLiteStore(path)), Router(model=BUNDLE)
    router.route("x")
    reading, writing_end = os.pipe()
    child = os.fork()
    if not child:
        try:
            said = b"no error"
            try:
                router.route("y")
            except StoreError as error:
                said = str(error).encode()
            router.close()  # must not touch the parent's connection
            with Router(SLOW, model=BUNDLE, store=SQLiteStore(path)) as own:
                own.route("z")
            assert plain.route("y").model  # without a store there is nothing to share
        except BaseException as error:
            said = repr(error).encode()
        os.write(writing_end, said)
        os._exit(0)
    os.close(writing_end)
    with open(reading, "rb") as answer:
        assert answer.read() == b"the router was made before os.fork(); make one in each process"
    assert os.waitpid(child, 0)[1] == 0
    router.route("w")
    router.close()
    assert stored(path) == 3


def test_threads_may_share_one_router(tmp_path):
    path = tmp_path / "h.db"
    with (
        Router(SLOW, model=BUNDLE, store=SQLiteStore(path)) as router,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(router.route, (f"prompt {i}" for i in range(400))))
    assert stored(path) == 400
