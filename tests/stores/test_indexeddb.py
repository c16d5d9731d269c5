"""IndexedDB from Python in Pyodide, in tabs of a real Chromium."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from chromium import chromium
from stores.first_schema_files import FOLDER
from stores.tabs import Tab, served
from stores.writer import expected, missing

START = """
import json, tab
from stores.samples import *
from tiny_dancer.history.stores.indexeddb import IndexedDBStore
store = await IndexedDBStore.open(tab.open, "history")
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def tab(browser: Any, address: str) -> Iterator[Callable[[], Tab]]:
    """Tabs of one profile, new for each test."""
    context = browser.new_context()
    yield lambda: Tab(context, address)
    context.close()


def test_indexeddb_keeps_every_promise(tab: Callable[[], Tab]) -> None:
    said = tab().run(
        """
import json, tab
from stores.run_promises import run
from tiny_dancer.history.stores.indexeddb import IndexedDBStore
count = 0

class Open:
    durable = True
    def __init__(self, name): self.name, self.opened = name, []
    async def __call__(self):
        self.opened.append(await IndexedDBStore.open(tab.open, self.name))
        return self.opened[-1]

async def make():
    global count
    count += 1
    return Open(f"history-{count}")

lines = []
broken = await run(make, lines.append)
json.dumps({"broken": broken, "lines": lines})
"""
    )
    assert len(said["lines"]) > 40
    assert said["broken"] == [], "\n".join(said["lines"])


WRITE = (
    START
    + """
from stores.writer import write
await write(store, {name!r}, {batches}, tab.say)
json.dumps(None)
"""
)
LOOK = START + "from stores.writer import look\njson.dumps(await look(store))"


def test_two_tabs_lose_and_double_nothing(tab: Callable[[], Tab]) -> None:
    """10,000 decisions with outcomes, states of their own and one that both change."""
    tabs = [tab(), tab()]
    for one, name in zip(tabs, "ab", strict=True):
        one.begin(WRITE.format(name=name, batches=500))
    for one in tabs:
        one.answer()
    found = tabs[0].run(LOOK)
    for kind in ("decision", "outcome"):
        found[kind].sort()
    assert found == expected("ab", 500)


@pytest.mark.parametrize("end", ["close", "crash"])
def test_tab_that_ends_in_mid_write_loses_nothing_acknowledged(
    tab: Callable[[], Tab], end: str
) -> None:
    looker = tab()
    looker.run(LOOK)
    for number in range(3):
        writer = tab()
        writer.begin(WRITE.format(name=f"w{number}", batches=100_000))
        until = time.monotonic() + 300
        while len(writer.said) < 40 + 25 * number and time.monotonic() < until:
            writer.page.wait_for_timeout(5)
        said = list(writer.said)
        if end == "close":
            writer.page.close()
        else:
            crash(writer.page)
        found = looker.run(LOOK)
        assert len(said) >= 40
        assert missing(said, f"w{number}", found) == []
        assert found["totals"] == [len(found["decision"]), len(found["outcome"])]


def crash(page: Any) -> None:
    """Kill the tab's process, and wait until it is gone."""
    from playwright.sync_api import Error

    with page.expect_event("crash", timeout=300_000), suppress(Error):
        page.goto("chrome://crash")


AGAIN = """
try:
    await store.record_routings([decision(77)])
    still_full = None
except StoreFullError as error:
    still_full = str(error)
json.dumps(still_full)
"""


def test_quota_exceeded(tab: Callable[[], Tab], address: str) -> None:
    one = tab()
    session = one.page.context.new_cdp_session(one.page)
    # Before the first use: Chromium remembers for a while how much space it found.
    origin = {"origin": address.rpartition("/")[0]}
    session.send("Storage.overrideQuotaForOrigin", {**origin, "quotaSize": 2_000_000})
    one.run(START + 'await store.record_routings([decision(n) for n in range(10)])\n"null"')
    said = one.run(
        START
        + """
import os
from tiny_dancer.errors import StoreFullError
from tiny_dancer.history.records import DecisionRecord
full = None
for batch in range(1, 200):
    try:
        await store.record_routings(
            [decision(batch * 1000 + n, head_inputs=os.urandom(4000)) for n in range(50)])
    except StoreFullError as error:
        full = str(error)
        break
json.dumps({"full": full, "batches": batch, "kept": (await store.statistics()).total_routes})
"""
    )
    assert "no space left" in said["full"]
    assert said["kept"] == 10 + 50 * (said["batches"] - 1)
    session.send("Storage.overrideQuotaForOrigin", {**origin, "quotaSize": 1_000_000_000})
    until = time.monotonic() + 300
    while one.run(AGAIN) and time.monotonic() < until:
        one.page.wait_for_timeout(500)
    found = one.run(LOOK)
    assert found["decision"][:10] == [f"d-{n}" for n in range(10)]
    assert len(found["decision"]) == said["kept"] + 1


def test_newer_version_takes_over_and_keeps_everything(tab: Callable[[], Tab]) -> None:
    old, new = tab(), tab()
    before = old.run(START + "await filled(store)\njson.dumps(await everything(store))")
    newer = START.replace("tab.open,", "tab.openNewer,")
    assert new.run(newer + "json.dumps(await everything(store))") == before
    message = old.run(
        "from tiny_dancer.errors import StoreError\n"
        "json.dumps(await refuses(StoreError, store.statistics()))"
    )
    assert "closed" in message  # it let go by itself
    message = old.run(
        "from tiny_dancer.errors import SchemaError\n"
        'json.dumps(await refuses(SchemaError, IndexedDBStore.open(tab.open, "history")))'
    )
    assert "newer version" in message
    assert new.run("json.dumps(await everything(store))") == before


def test_tab_that_does_not_let_go_is_told_and_waited_for(tab: Callable[[], Tab]) -> None:
    one, two = tab(), tab()
    one.run(START + 'await store.close()\nheld = await tab.hold("history")\n"null"')
    two.begin(
        """
import asyncio, json, tab
from js import Object
from pyodide.ffi import create_proxy, to_js
told = []
events = to_js({"onBlocked": create_proxy(lambda: told.append(1) or tab.say("blocked"))},
               dict_converter=Object.fromEntries)
opened = await tab.openNewer("history", events)
json.dumps(len(told))
"""
    )
    until = time.monotonic() + 300
    while "blocked" not in two.said and time.monotonic() < until:
        two.page.wait_for_timeout(10)
    assert "blocked" in two.said
    one.run('held.release()\n"null"')
    assert two.answer() == 1


def test_other_tabs_hear_of_a_changed_state(tab: Callable[[], Tab]) -> None:
    one, two = tab(), tab()
    two.run(
        START
        + """
await store.close()
heard = []
store = await IndexedDBStore.open(tab.open, "history", on_change=lambda *_: heard.append(1))
"null"
"""
    )
    one.run(START + 'await store.swap_state("breaker", "light", "{}", 0)\n"null"')
    one.run('await store.swap_state("breaker", "light", "{}", 7)\n"null"')  # lost: nobody is told
    until = time.monotonic() + 300
    while not two.run("json.dumps(len(heard))") and time.monotonic() < until:
        two.page.wait_for_timeout(10)
    assert two.run("json.dumps(len(heard))") == 1


def test_ten_thousand_records_exported_and_imported(tab: Callable[[], Tab]) -> None:
    said = tab().run(
        START
        + """
import time
from tiny_dancer.history.readings.export import export_lines, import_lines
took = {}
async def timed(name, work):
    began = time.perf_counter()
    result = await work
    took[name] = round((time.perf_counter() - began) * 1000, 1)
    return result
for first in range(0, 10_000, 1_000):
    records = [decision(n, head_inputs=b"ab" * 80) for n in range(first, first + 1_000)]
    await timed("1,000 decisions", store.record_routings(records))
async def lines():
    return [line async for line in export_lines(store)]
exported = await timed("export", lines())
before, statistics = await everything(store), await store.statistics()
await store.clear()
new = await timed("import", import_lines(store, exported))
await timed("statistics", store.statistics())
await timed("newest 50", store.query_routings())
singles = []
for n in range(200):
    await timed("one", store.record_routings([decision(20_000 + n)]))
    singles.append(took["one"])
took["one"] = sorted(singles)[100]
after = await everything(store)
json.dumps({"new": new["decision"], "took": took, "lines": len(exported),
            "same": after["decision"][:10_000] == before["decision"]})
"""
    )
    print("milliseconds:", said["took"])
    assert (said["new"], said["lines"], said["same"]) == (10_000, 10_001, True)


def test_deleting_all_leaves_no_database(tab: Callable[[], Tab]) -> None:
    one = tab()
    one.run(START + 'await filled(store)\nawait store.close()\nawait tab.remove("history")\n"null"')
    names = one.page.evaluate("indexedDB.databases().then(all => all.map(d => d.name))")
    assert names == []


FILL = """
({ stores }) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("history");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const tx = database.transaction(Object.keys(stores), "readwrite");
    for (const [name, [keys, values]] of Object.entries(stores)) {
      const store = tx.objectStore(name);
      store.clear();
      values.forEach((value, n) => store.keyPath ? store.put(value) : store.put(value, keys[n]));
    }
    tx.oncomplete = () => resolve(database.close());
    tx.onabort = () => reject(tx.error);
  };
})
"""


def test_a_database_of_the_first_schema_opens_without_loss(tab: Callable[[], Tab]) -> None:
    """Its records are what its own code wrote (first_schema/make.py); the step is the same."""
    made = json.loads((FOLDER / "indexeddb.json").read_text("utf-8"))
    assert made["database"]["version"] == 1
    one = tab()
    one.run(START + 'await store.close()\n"null"')
    one.page.evaluate(FILL, made["database"])
    said = one.run(
        START
        + f"""
from stores.first_schema_files import lost, totals
from tiny_dancer.history import Outcome
lines = json.loads({json.dumps(made["lines"])!r})
said = {{"lost": await lost(store, lines), "totals": await totals(store)}}
await store.record_routings([decision(100, owner="ann")])
ids = ("d-7", "d-9", "d-100")
reports = [Outcome(decision_id=i, at=1.0, tokens_in=3, owner="ann") for i in ids]
said["unknown"] = await store.record_outcomes(reports)
said["outcomes"] = (await store.statistics()).outcomes
json.dumps(said)
"""
    )
    totals = json.loads((FOLDER / "statistics.json").read_text("utf-8"))
    assert said["lost"] == []
    assert said["totals"] == totals
    assert (said["unknown"], said["outcomes"]) == ([], totals["totals"][2] + 2)
