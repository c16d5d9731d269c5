"""Files that the first schema's own code made (first_schema/make.py) open without loss."""

import asyncio
import gzip
import json
from pathlib import Path

import pytest
from stores.first_schema_files import FOLDER, given, lost, totals
from stores.samples import decision
from stores.test_d1 import run

from tiny_dancer.breaker.snapshot import from_json
from tiny_dancer.breaker.state import Mode, mode_at
from tiny_dancer.config import BreakerConfig, HistoryConfig
from tiny_dancer.history import MemoryStore, Outcome, SQLiteStore, Storage
from tiny_dancer.history.readings.export import import_lines
from tiny_dancer.history.states.views import Views

LINES = (FOLDER / "history.jsonl").read_text("utf-8").splitlines(keepends=True)
TOTALS = json.loads((FOLDER / "statistics.json").read_text("utf-8"))
NOW = 1_790_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    path.write_bytes(gzip.decompress((FOLDER / "history.db.gz").read_bytes()))
    return path


def test_a_sqlite_file_opens_without_loss_and_goes_on(path: Path) -> None:
    async def run() -> None:
        store = SQLiteStore(path)
        assert await lost(store, LINES) == []
        assert await totals(store) == TOTALS
        key = await store.prompt_key()
        await store.record_routings([decision(100, owner="ann")])
        said = [
            Outcome(decision_id=f"d-{n}", at=NOW, tokens_in=3, owner="ann") for n in (7, 9, 100)
        ]
        assert await store.record_outcomes(said) == ()  # old decisions are nobody's in particular
        await store.close()
        again = SQLiteStore(path)
        assert await again.prompt_key() == key
        assert (await again.statistics()).outcomes == TOTALS["totals"][2] + 2
        await again.close()

    asyncio.run(run())
    with Storage(path) as storage:
        storage.check()


@pytest.mark.parametrize("open_store", [MemoryStore, SQLiteStore])
def test_an_export_is_imported_without_loss(open_store, tmp_path: Path) -> None:
    async def run() -> None:
        store = open_store(*([tmp_path / "new.db"] if open_store is SQLiteStore else []))
        new = await import_lines(store, LINES)
        assert sum(new.values()) == len(LINES) - 1
        assert await lost(store, LINES) == []
        assert await totals(store) == TOTALS
        await store.close()

    asyncio.run(run())


def test_breakers_go_on_where_they_were(path: Path) -> None:
    async def run() -> None:
        store = SQLiteStore(path)
        views = Views(store, HistoryConfig(), BreakerConfig())
        await views.refresh(NOW + 1.0)
        seen = views.breakers
        assert seen.models() == ["closed", "half-open", "held", "open"]
        assert mode_at(seen.state("open"), NOW + 1.0) is Mode.OPEN
        assert len(seen.state("half-open").probes) == 1
        assert seen.state("held").mode is Mode.FORCED_CLOSED
        assert sum(bucket.calls for bucket in seen.state("closed").window) > 0
        assert [await views.lease("half-open", NOW + 100.0) is None for _ in range(3)] == [
            False,
            False,
            True,  # the third was out already
        ]
        await store.close()

    asyncio.run(run())


def test_snapshots_are_read() -> None:
    texts = [r["text"] for r in given(LINES) if (r["type"], r.get("kind")) == ("state", "breaker")]
    assert len([from_json(text) for text in texts]) == 4


def test_a_d1_opens_without_loss_and_goes_on() -> None:
    statements = json.loads((FOLDER / "d1.json").read_text("utf-8"))
    (said,) = run("d1_first_schema", json.dumps({"statements": statements, "lines": LINES}))
    assert said["lost"] == []
    assert said["totals"] == TOTALS
    assert (said["unknown"], said["outcomes"]) == ([], TOTALS["totals"][2] + 2)
