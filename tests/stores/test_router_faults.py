"""Whatever happens to its store, a router decides, says what is wrong, and goes on where it can."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from random_bundle import random_bundle
from stores.samples import decision

from tiny_dancer import Router, RouterConfig
from tiny_dancer.config import HistoryConfig
from tiny_dancer.errors import (
    SchemaError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from tiny_dancer.history import SQLiteStore, Storage
from tiny_dancer.history.stores.schema import SCHEMA

BUNDLE = random_bundle(1)
PROMPT = "what is the theorem of the capital"
CONFIG = RouterConfig(history=HistoryConfig(flush_s=3600.0))
TEN = [f"d-{n}" for n in range(10)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    with Storage(path) as storage:
        storage.record_routings([decision(n) for n in range(10)])
    return path


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore(path, busy_s=0.05)
    yield store
    asyncio.run(store.close())


def stored(path: Path) -> list[str]:
    with Storage(path) as storage:
        storage.check()
        return [record.decision_id for record in storage.query_routings(100_000)][::-1]


def decides(router: Router) -> str:
    """The id of a decision that was made all the same."""
    response = router.route(PROMPT)
    assert response.model in ("light", "powerful") and response.confidence is not None
    router.report("light", ok=True)
    return response.decision_id


def fails(router: Router, kind: type[StoreError]) -> None:
    with pytest.raises(kind):
        asyncio.run(router.flush())
    decides(router)
    assert router.metrics().store_failing
    assert router.circuit_breaker_status("light") is True


def test_full_disk(path: Path, store: SQLiteStore) -> None:
    router = Router(CONFIG, model=BUNDLE, store=store)
    database = store.database
    database.read("pragma max_page_count = 40", ())
    wanted = [decides(router) for _ in range(3_000)]
    fails(router, StoreFullError)
    database.read("pragma max_page_count = 100000", ())
    router.close()
    found = stored(path)
    assert found[:10] == TEN and found[10:3_010] == wanted


def test_locked_by_another_writer(path: Path, store: SQLiteStore) -> None:
    router = Router(CONFIG, model=BUNDLE, store=store)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    first = decides(router)
    fails(router, StoreLockedError)
    holder.execute("rollback")
    holder.close()
    router.close()
    assert stored(path)[:11] == [*TEN, first]


def test_damaged_while_in_use(path: Path, store: SQLiteStore) -> None:
    data = bytearray(path.read_bytes())
    router = Router(CONFIG, model=BUNDLE, store=store)
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    decides(router)
    with pytest.raises(StoreError):
        asyncio.run(router.flush())
    decides(router)
    with pytest.raises(StoreError):
        router.close()


def test_damaged_or_newer_is_refused_before_there_is_a_router(path: Path) -> None:
    """The caller learns it at once, and may decide without a store."""
    with sqlite3.connect(path) as other:
        other.execute(f"pragma user_version = {SCHEMA + 1}")
    other.close()
    before = path.read_bytes()
    with pytest.raises(SchemaError):
        SQLiteStore(path)
    assert path.read_bytes() == before
    path.write_bytes(b"\xa5" * len(before))
    with pytest.raises(StoreCorruptError):
        SQLiteStore(path)
    with Router(CONFIG, model=BUNDLE) as router:
        decides(router)


def test_damaged_state_of_a_breaker(path: Path, store: SQLiteStore) -> None:
    """The process's own breaker works on; what is stored is not written over."""
    with Storage(path) as storage:
        asyncio.run(storage._store.swap_state("breaker", "light", "rubbish", 0))
    router = Router(CONFIG, model=BUNDLE, store=store)
    for _ in range(5):
        router.report("light", ok=False)
    assert router.circuit_breaker_status("light") is False
    first = router.route(PROMPT)
    assert first.model == "powerful"
    with pytest.raises(StoreCorruptError):
        asyncio.run(router.flush())
    with pytest.raises(StoreCorruptError):
        router.close()
    assert stored(path) == [*TEN, first.decision_id]
    with Storage(path) as storage:
        assert asyncio.run(storage._store.load_states("breaker"))["light"].text == "rubbish"
