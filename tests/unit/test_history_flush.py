"""A flush, the thread that writes, and the end of the program: what waits is stored by then."""

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

from history_writing import decide, ids, made
from patience import PATIENCE_S

from tiny_dancer.breaker.events import Report
from tiny_dancer.history import MemoryStore, Storage
from tiny_dancer.history.writer.thread import WriterThread, run


def test_flush_writes_also_what_flies() -> None:
    async def promise() -> None:
        writer = made()
        gate = asyncio.Event()
        writer._store.gates = [gate]
        decide(writer, 0, 1)
        drain = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        await writer.flush()
        assert await ids(writer) == ["d-0", "d-1"] and len(writer.queue) == 0
        gate.set()
        await drain
        assert await ids(writer) == ["d-0", "d-1"]
        assert (await writer._store.statistics()).total_routes == 2

    asyncio.run(promise())


def test_flushes_at_once_end_though_drains_never_do() -> None:
    """Each took from the other what it wrote, and none found a moment without a drain."""

    class Paced(MemoryStore):
        async def record_routings(self, records) -> None:
            await asyncio.sleep(0.001)
            await super().record_routings(records)

    async def promise() -> None:
        writer, n = made(Paced(), batch=2), iter(range(10**6))

        async def decide_on() -> None:
            while True:
                decide(writer, next(n))
                await asyncio.sleep(0)  # the other one of the two is in the middle of a write
                await writer.drain()

        busy = [asyncio.ensure_future(decide_on()) for _ in range(3)]
        for _ in range(20):
            decide(writer, *(next(n) for _ in range(7)))
            before = next(n)
            await asyncio.wait_for(asyncio.gather(*(writer.flush() for _ in range(5))), PATIENCE_S)
            stored = {int(one[2:]) for one in await ids(writer)}
            assert all(k in stored for k in range(before) if k not in skipped)
            skipped.add(before)
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    skipped: set[int] = set()
    asyncio.run(promise())


def test_thread_writes_without_being_asked(tmp_path: Path) -> None:
    writer = made()
    thread = WriterThread(writer, 0.01)
    thread.start()
    decide(writer, *range(50))
    deadline = time.monotonic() + PATIENCE_S
    while len(writer.queue) and time.monotonic() < deadline:
        time.sleep(0.01)
    thread.stop()
    assert run(ids(writer)) == [f"d-{n}" for n in range(50)]


def test_threads_that_decide_lose_nothing_beside_thread_and_flushes(tmp_path: Path) -> None:
    from tiny_dancer.history import SQLiteStore

    writer = made(SQLiteStore(tmp_path / "history.db"), queue=100_000, batch=50)
    thread = WriterThread(writer, 0.001)
    thread.start()

    def work(k: int) -> None:
        for n in range(200):
            decide(writer, k * 1_000 + n)
            writer._views.breakers.report("light", Report(True), 1_000.0)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):
        run(writer.flush())
    thread.stop()
    run(writer.flush())
    assert sorted(run(ids(writer))) == sorted(
        f"d-{k * 1_000 + n}" for k in range(4) for n in range(200)
    )
    assert sum(b.calls for b in writer._views.breakers.state("light").window) == 800
    run(writer._store.close())


def test_end_of_the_program_writes_what_waits(tmp_path: Path) -> None:
    script = """
import sys
sys.path[:0] = sys.argv[2:]
from history_writing import *
from tiny_dancer.history.writer.thread import WriterThread
from tiny_dancer.history import SQLiteStore
writer = made(SQLiteStore(sys.argv[1]))
thread = WriterThread(writer, 3600.0)
thread.start()
decide(writer, *range(50))
"""
    path, tests = tmp_path / "history.db", Path(__file__).parents[1]
    command = [sys.executable, "-W", "ignore::ResourceWarning", "-c", script, path, tests]
    subprocess.run(list(map(str, command)), check=True)
    with Storage(path) as storage:
        assert storage.get_statistics().total_routes == 50
