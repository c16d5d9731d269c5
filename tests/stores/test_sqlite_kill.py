"""A writer killed in the middle of its work loses nothing it was told is stored."""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tiny_dancer.history import Storage

TESTS = Path(__file__).parents[1]


def writer(path: Path, name: str, count: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "stores.sqlite_writer", str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=TESTS)


def kill_and_look(path: Path, name: str, writes: int, wait: float) -> int:
    """Kill a writer `wait` seconds after so many acknowledged writes; how many there were."""
    process = writer(path, name, 1_000_000)
    assert process.stdout.readline() == "open\n"
    first = [process.stdout.readline() for _ in range(writes)]  # however slow the disk is
    time.sleep(wait)
    process.kill()
    rest, _ = process.communicate()
    said = "".join(first) + rest
    lines = said.rpartition("\n")[0].splitlines()  # a torn last line was not said
    with Storage(path) as storage:
        storage.check()
        decisions = {
            row[0] for _, row in asyncio.run(storage._store.scan("decision", 0, 1_000_000))
        }
        outcomes = {row[0] for _, row in asyncio.run(storage._store.scan("outcome", 0, 1_000_000))}
        states = asyncio.run(storage._store.load_states("breaker"))
        statistics = storage.get_statistics()
    assert statistics.total_routes == len(decisions)  # totals belong to the same transaction
    assert statistics.outcomes == len(outcomes)
    for line in lines:
        kind, what = line.split()
        if kind == "state":
            assert states[name].version >= int(what)
        else:
            assert what in (decisions if kind == "decision" else outcomes)
    return len(lines)


def run(path: Path, kills: int) -> None:
    draw = random.Random(kills)
    found = sum(kill_and_look(path, f"w{n}", n % 4, draw.uniform(0.0, 0.06)) for n in range(kills))
    assert found > kills  # the kills did hit writers at work


def test_killed_writer_loses_nothing_acknowledged(tmp_path: Path) -> None:
    run(tmp_path / "history.db", 20)


@pytest.mark.full
def test_killed_writer_loses_nothing_acknowledged_200_times(tmp_path: Path) -> None:
    run(tmp_path / "history.db", 200)


def test_two_processes_lose_and_double_nothing(tmp_path: Path) -> None:
    """10,000 operations: 5,000 decisions each, with their outcomes and states among them."""
    path = tmp_path / "history.db"
    writers = [writer(path, name, 5_000) for name in ("a", "b")]
    for process in writers:
        process.communicate()
        assert process.returncode == 0
    with Storage(path) as storage:
        storage.check()
        ids = [row[0] for _, row in asyncio.run(storage._store.scan("decision", 0, 100_000))]
        statistics, states = (
            storage.get_statistics(),
            asyncio.run(storage._store.load_states("breaker")),
        )
    assert sorted(ids) == sorted(f"{name}-{n}" for name in "ab" for n in range(5_000))
    assert (statistics.total_routes, statistics.outcomes) == (10_000, 400)
    assert statistics.cost == 400.0
    assert {name: state.version for name, state in states.items()} == {"a": 200, "b": 200}
