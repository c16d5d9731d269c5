"""Makes the files of this folder by the code of the first schema: python make.py CHECKOUT.

CHECKOUT is a working tree of commit c4b8a2e with its `node_modules`. Its package and tests are what
runs; this folder only says what to store. IndexedDB is filled in a real Chromium.
"""

import asyncio
import gzip
import json
import sqlite3
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CHECKOUT = Path(sys.argv[1]).resolve()
sys.path[:0] = [str(CHECKOUT / "py"), str(CHECKOUT / "tests"), str(HERE)]

from filling import fill, read  # noqa: E402
from tiny_dancer.history.schema import migration_file  # noqa: E402

from tiny_dancer.history import SQLiteStore  # noqa: E402

DUMP = """
import json, tab
from filling import fill, read
from tiny_dancer.history.indexeddb import IndexedDBStore
store = await IndexedDBStore.open(tab.open, "history")
await fill(store)
said = await read(store)
await store.close()
json.dumps(said)
"""
RAW = """
new Promise((resolve, reject) => {
  const opening = indexedDB.open("history");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = async () => {
    const database = opening.result, dump = {};
    const all = (request) =>
      new Promise((ok) => { request.onsuccess = () => ok(request.result); });
    for (const name of database.objectStoreNames) {
      const store = database.transaction(name).objectStore(name);
      dump[name] = [await all(store.getAllKeys()), await all(store.getAll())];
    }
    resolve({ version: database.version, stores: dump });
  };
})
"""


async def sqlite(path: Path) -> dict:
    """The SQLite file, and what is in it."""
    store = SQLiteStore(path)
    await fill(store)
    said = await read(store)
    await store.close()
    return said


def d1(path: Path) -> str:
    """The statements that make the same tables as in D1, with the same rows."""
    source, target = sqlite3.connect(path), sqlite3.connect(":memory:")
    target.executescript(migration_file(1))
    tables = [row[0] for row in source.execute("select name from sqlite_master where type='table'")]
    for trigger in target.execute("select name from sqlite_master where type='trigger'").fetchall():
        target.execute(f"drop trigger {trigger[0]}")  # the totals are copied
    for table in tables:
        for row in source.execute(f"select * from {table}"):
            marks = ", ".join("?" * len(row))
            target.execute(f"insert or replace into {table} values ({marks})", row)
    fresh = sqlite3.connect(":memory:")
    fresh.executescript(migration_file(1))
    triggers = [
        row[0] for row in fresh.execute("select sql from sqlite_master where type='trigger'")
    ]
    inserts = [line for line in target.iterdump() if line.startswith("INSERT")]
    tables_made = [
        row[0]
        for row in fresh.execute(
            "select sql from sqlite_master where sql is not null and type<>'trigger'"
        )
    ]
    return json.dumps([*tables_made, *inserts, *triggers], indent=0, ensure_ascii=False) + "\n"


def indexeddb() -> tuple[dict, dict]:
    """What is in the object stores, and what is read from them."""
    from chromium import chromium
    from stores import tabs

    text = (HERE / "filling.py").read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        site.mkdir()
        with tabs.served(site) as address:
            parts = json.loads((site / "parts.json").read_text())
            parts["/src/filling.py"] = text
            (site / "parts.json").write_text(json.dumps(parts))
            with chromium() as browser:
                tab = tabs.Tab(browser.new_context(), address)
                said = tab.run(DUMP)
                return tab.page.evaluate(RAW), said


def main() -> None:
    """Write all files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        said = asyncio.run(sqlite(path))
        (HERE / "history.db.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
        (HERE / "d1.json").write_text(d1(path), "utf-8")
    (HERE / "history.jsonl").write_text("".join(said["lines"]), "utf-8")
    (HERE / "statistics.json").write_text(json.dumps(said["statistics"], indent=1) + "\n", "utf-8")
    raw, in_tab = indexeddb()
    assert in_tab["statistics"]["totals"] == said["statistics"]["totals"]
    kept = {"database": raw, "lines": in_tab["lines"]}
    (HERE / "indexeddb.json").write_text(json.dumps(kept, ensure_ascii=False) + "\n", "utf-8")


main()
