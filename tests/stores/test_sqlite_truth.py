"""What a store on a file says is stored is stored; what it refuses holds up nothing else."""

import asyncio
import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from random_bundle import random_bundle
from stores.samples import decision

from tiny_dancer import InvalidInputError, Router, RouterConfig
from tiny_dancer.breaker.snapshot import from_json
from tiny_dancer.breaker.state import Mode
from tiny_dancer.config import HistoryConfig
from tiny_dancer.errors import StoreError
from tiny_dancer.history import MemoryStore, Outcome, SQLiteStore, Storage, record_outcome

BUNDLE = random_bundle(1)
PROMPT = "what is the theorem of the capital"
CONFIG = RouterConfig(history=HistoryConfig(flush_s=3600.0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    with Storage(path) as storage:
        storage.record_routings([decision(n) for n in range(10)])
    return path


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore(path, busy_s=0.05)
    asyncio.run(store.record_routings([decision(10)]))
    yield store
    asyncio.run(store.close())


def delete(path: Path) -> None:
    path.unlink()


def delete_log(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def replace(path: Path) -> None:
    other = path.with_name("other.db")
    Storage(other).close()
    other.rename(path)


@pytest.mark.parametrize("harm", [delete, delete_log, replace])
def test_a_file_that_is_gone_stores_nothing_and_says_so(harm, path: Path, store) -> None:
    router = Router(CONFIG, model=BUNDLE, store=store)
    harm(path)
    outcome = Outcome(decision_id="d-1", at=1.0)
    for write in (store.probe(), record_outcome(store, outcome), store.insert_candidates([])):
        with pytest.raises(StoreError, match="deleted or replaced"):
            asyncio.run(write)
    assert router.route(PROMPT).model in ("light", "powerful")
    with pytest.raises(StoreError, match="deleted or replaced"):
        asyncio.run(router.flush())
    assert router.metrics().store_failing and router.metrics().queued == 1
    with pytest.raises(StoreError):
        router.close()


def test_a_full_disk_is_said_by_a_probe_or_by_the_last_write(path: Path, store) -> None:
    router = Router(CONFIG, model=BUNDLE, store=store)
    store.database.read("pragma max_page_count = 25", ())
    for _ in range(3_000):
        router.route(PROMPT)
    with pytest.raises(StoreError):
        asyncio.run(router.flush())
    assert router.metrics().store_failing
    store.database.read("pragma max_page_count = 100000", ())
    asyncio.run(router.flush())
    asyncio.run(store.probe())
    assert not router.metrics().store_failing
    router.close()


def test_a_folder_that_is_left_is_no_reason_to_fail(
    path: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Storage("history.db") as storage:
        monkeypatch.chdir("/")
        storage.record_routings([decision(99)])


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Storage(tmp_path / "new.db") as storage:
            storage.record_routings([decision(1)])
            modes = [stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()]
    finally:
        os.umask(before)
    assert len(modes) >= 2 and set(modes) == {0o600}


def test_a_fifo_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in (tmp_path / "fifo", "/dev/null", tmp_path):
        with pytest.raises(StoreError, match="it is no file"):
            Storage(name)


def test_records_that_the_store_refuses_are_set_aside(path: Path, store, caplog) -> None:
    bad = "new.decision_id like '%-7'"
    with sqlite3.connect(path) as other:
        for table in ("decisions", "outcomes"):
            other.execute(
                f"create trigger bad_{table} before insert on {table} when {bad}"
                " begin select raise(abort, 'no sevens'); end"
            )
    other.close()
    router = Router(CONFIG, model=BUNDLE, store=store)
    ids = [router.route(PROMPT).decision_id for _ in range(300)]
    sevens = [name for name in ids if name.endswith("-7")]
    assert len(sevens) == 1
    with Storage(path) as storage:
        storage.record_routings([decision(0, decision_id="old-6")])
    for name in (*ids[:20], "old-6", *ids[20:40]):
        router.record_outcome(name, cost=1.0)
    for _ in range(5):
        router.report("light", ok=False)
    with caplog.at_level(logging.WARNING):
        asyncio.run(router.flush())
    metrics = router.metrics()
    # The seventh's outcome is of an unknown decision then, which is another count.
    assert (metrics.refused, metrics.unknown_outcomes, metrics.queued) == (1, 1, 0)
    assert not metrics.store_failing and sevens[0] in caplog.text and "no sevens" in caplog.text
    with Storage(path) as storage:
        found = {record.decision_id for record in storage.query_routings(1_000)}
        assert found >= set(ids) - set(sevens)
        assert storage.get_statistics().outcomes == 40
    shared = asyncio.run(store.load_states("breaker"))["light"]
    assert from_json(shared.text).mode is Mode.OPEN
    router.close()


def test_a_fault_that_nobody_thought_of_does_not_end_the_history(caplog) -> None:
    class Odd(MemoryStore):
        faults = 1

        async def record_routings(self, records) -> None:
            if self.faults:
                self.faults -= 1
                raise ZeroDivisionError("odd")
            await super().record_routings(records)

    config = RouterConfig(history=HistoryConfig(flush_s=0.01))
    router = Router(config, model=BUNDLE, store=Odd())
    router.route(PROMPT)
    for _ in range(60_000):
        if router.metrics().queued == 0:
            break
        router._history._thread._ended.wait(0.005)
    assert router.metrics().queued == 0 and "ZeroDivisionError" in caplog.text
    router.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tokens_in", (1 << 53) - 1),
        ("tokens_out", 10**9 + 1),
        ("cost", 1e10),
        ("latency_ms", 1e300),
        ("light_score", 1.5),
        ("scores", {f"m-{n}": 1.0 for n in range(17)}),
    ],
)
def test_numbers_that_no_call_can_have_are_refused_where_they_come_in(name, value) -> None:
    router = Router(model=BUNDLE)
    with pytest.raises(InvalidInputError, match=name.removeprefix("light_")):
        router.record_outcome("d-1", **{name: value})
