"""What goes wrong with a file is said clearly, and what is stored stays as it was."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from stores.samples import decision

from tiny_dancer.errors import (
    SchemaError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
)
from tiny_dancer.history import DecisionRecord, SQLiteStore, Storage
from tiny_dancer.history.stores.schema import SCHEMA


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    with Storage(path) as storage:
        storage.record_routings([decision(n) for n in range(10)])
    return path


def stored(path: Path) -> list[str]:
    with Storage(path) as storage:
        storage.check()
        return [record.decision_id for record in storage.query_routings(1_000)][::-1]


TEN = [f"d-{n}" for n in range(10)]


def test_full_disk(path: Path) -> None:
    storage = Storage(path)
    storage._database.read("pragma max_page_count = 40", ())
    with pytest.raises(StoreFullError, match=r"history\.db: no space left"):
        for batch in range(1_000):
            numbers = range(batch * 100 + 100, batch * 100 + 200)
            storage.record_routings([decision(n) for n in numbers])
    kept = storage.get_statistics().total_routes  # it still answers
    assert kept % 100 == 10
    storage._database.read("pragma max_page_count = 1000", ())
    storage.record_routings([decision(10**6)])
    storage.close()
    assert stored(path)[:10] == TEN and len(stored(path)) == kept + 1


def test_locked_by_another_writer(path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    with Storage(path, busy_s=0.05) as storage:
        with pytest.raises(StoreLockedError, match="another process holds it"):
            storage.record_routings([decision(10)])
        assert storage.get_statistics().total_routes == 10  # reading needs no lock
        holder.execute("rollback")
        storage.record_routings([decision(10)])
    holder.close()
    assert stored(path) == [*TEN, "d-10"]


def test_waits_for_a_writer_that_lets_go(path: Path) -> None:
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("begin immediate")
    release = threading.Timer(0.1, holder.execute, ["rollback"])
    release.start()
    with Storage(path, busy_s=300) as storage:
        storage.record_routings([decision(10)])
    release.join()
    holder.close()
    assert stored(path) == [*TEN, "d-10"]


def test_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100)
    with pytest.raises(StoreCorruptError, match=r"notes\.txt: the file is not a SQLite database"):
        Storage(path)
    assert path.read_text() == "not a database, " * 100


@pytest.mark.parametrize("at", [4096 * n for n in range(1, 8)])
def test_damaged_page(path: Path, at: int) -> None:
    """A page of rubbish is found when the file is opened or by `check`, never read as records."""
    data = bytearray(path.read_bytes())
    data[at : at + 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    with pytest.raises(StoreCorruptError), Storage(path) as storage:
        for read in (storage.query_routings, storage.query_candidates, storage.get_statistics):
            with suppress(StoreCorruptError):  # whether it lies on this page differs
                assert all(one.decision_id.startswith("d-") for one in listed(read()))
        storage.check()
    assert path.read_bytes()[: len(data)] == bytes(data)


def listed(answer: object) -> list[DecisionRecord]:
    """The decisions among what was read."""
    rows = answer if isinstance(answer, list | tuple) else []
    return [row for row in rows if isinstance(row, DecisionRecord)]


def test_truncated_file(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 2 * 4096)
    with pytest.raises(StoreCorruptError), Storage(path) as storage:
        storage.check()


def test_schema_of_a_newer_version(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute(f"pragma user_version = {SCHEMA + 1}")
    other.close()
    before = path.read_bytes()
    with pytest.raises(SchemaError, match=f"schema {SCHEMA + 1}.*knows {SCHEMA}"):
        Storage(path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as other:
        other.execute("create table notes (text)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Storage(path)
    assert path.read_bytes() == before


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        Storage(tmp_path / "missing" / "history.db")


def test_key_that_was_lost(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("delete from meta")
    other.close()
    with pytest.raises(StoreCorruptError, match="key"):
        Storage(path)


def test_many_threads_on_one_store(path: Path) -> None:
    storage = Storage(path)

    def write(k: int) -> None:
        for n in range(50):
            storage.record_routings([decision(1_000 * (k + 1) + n)])

    threads = [threading.Thread(target=write, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert storage.get_statistics().total_routes == 410
    storage.close()


def test_many_processes_make_the_file_at_once(tmp_path: Path) -> None:
    script = "import sys; from tiny_dancer.history import Storage; Storage(sys.argv[1]).close()"
    path = tmp_path / "history.db"
    command = [sys.executable, "-c", script, str(path)]
    processes = [subprocess.Popen(command) for _ in range(6)]
    assert [process.wait() for process in processes] == [0] * 6
    assert stored(path) == []


def test_a_locked_file_does_not_stop_the_event_loop(path: Path) -> None:
    """While one call waits for the lock, others of the loop go on."""

    async def run() -> int:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("begin immediate")
        store = SQLiteStore(path, busy_s=300)
        writing = asyncio.ensure_future(store.record_routings([decision(10)]))
        turns = 0
        while turns < 20:
            await asyncio.sleep(0.001)
            turns += not writing.done()
        holder.execute("rollback")
        holder.close()
        await writing
        await store.close()
        return turns

    assert asyncio.run(run()) == 20
    assert stored(path) == [*TEN, "d-10"]
