"""What history costs: a decision with and without it, one record by store, a million records.

usage: python tests/bench/history.py [PAIRS]     writes docs/results/bench-history.json

Each prompt is routed twice in a row, by a router with history and by one without, in random order:
the second of the two is the faster, whichever it is. A router compared with itself shows the noise.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.machine import machine
from chromium import CHROMIUM, chromium
from corpus.make_corpus import corpus
from hosts.conftest import find_node
from stores.samples import decision
from stores.speed import milliseconds
from stores.tabs import Tab, served

from tiny_dancer import Router
from tiny_dancer.history import MemoryStore, SQLiteStore

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs/results/bench-history.json"
PER_SECOND = 1_000
RECORDS = 1_000_000
BATCH = 10_000
IN_A_TAB = """
import json, tab
from stores.speed import milliseconds
from tiny_dancer.history.stores.indexeddb import IndexedDBStore
json.dumps(await milliseconds(await IndexedDBStore.open(tab.open, "speed")))
"""


def main(pairs: int) -> None:
    found: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        found["decision_us"] = decisions(pairs, Path(folder) / "decisions.db")
        found["record_routing_p50_ms"] = asyncio.run(records(Path(folder) / "records.db"))
        if CHROMIUM and find_node():
            found["record_routing_p50_ms"]["indexeddb"] = tab(Path(folder) / "site")
        found["sqlite_million"] = asyncio.run(million(Path(folder) / "million.db"))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


def decisions(pairs: int, path: Path) -> dict[str, dict[str, float]]:
    """P50 of the whole call in microseconds, paced and back to back, and the ratios."""
    prompts = [row["prompt"] for row in corpus() if 20 < len(row["prompt"]) < 600]
    draw, found = random.Random(1), {}
    without = Router()
    with Router(store=SQLiteStore(path)) as router:
        for name, pace in (("back_to_back", 0.0), (f"{PER_SECOND}_a_second", 1 / PER_SECOND)):
            row = {}
            for what, ours in (("history", router), ("noise", without)):
                on: list[float] = []
                off: list[float] = []
                for n in range(pairs):
                    turns = [(ours, on), (without, off)]
                    draw.shuffle(turns)
                    for one, times in turns:
                        if pace:
                            time.sleep(pace)
                        start = time.perf_counter()
                        one.route(prompts[n % len(prompts)])
                        times.append((time.perf_counter() - start) * 1e6)
                row |= {what: median(on), f"without_{what}": median(off)}
                row[f"ratio_{what}"] = median(on) / median(off)
            found[name] = {key: round(value, 3) for key, value in row.items()}
        found["dropped"] = router.metrics().dropped
    return found


async def records(path: Path) -> dict[str, float]:
    """Median milliseconds of one record by store."""
    found = {"memory": await milliseconds(MemoryStore())}
    store = SQLiteStore(path)
    found["sqlite"] = await milliseconds(store)
    await store.close()
    node = find_node()
    if node is not None:
        command = [node, str(ROOT / "tests/stores/d1.mjs"), "d1_speed"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
        found["d1_through_miniflare"] = json.loads(done.stdout)
    return {name: round(value, 4) for name, value in found.items()}


def tab(site: Path) -> float:
    """The same in a tab of Chromium."""
    site.mkdir()
    with served(site) as address, chromium() as browser:
        return round(float(Tab(browser.new_context(), address).run(IN_A_TAB)), 4)


async def million(path: Path) -> dict[str, float]:
    """Milliseconds of statistics and of the newest 50 among a million decisions: median of five."""
    store = SQLiteStore(path)
    start = time.perf_counter()
    for first in range(0, RECORDS, BATCH):
        rows = [decision(n) for n in range(first, first + BATCH)]
        await store.record_routings(rows)
    found = {"write_s": time.perf_counter() - start}
    for name, call in (
        ("statistics_ms", store.statistics),
        ("newest_50_ms", lambda: store.query_routings(50)),
    ):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            await call()
            times.append((time.perf_counter() - start) * 1e3)
        found |= {name: median(times), f"first_{name}": times[0]}
    assert (await store.statistics()).total_routes == RECORDS
    await store.close()
    return {name: round(value, 3) for name, value in found.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
