"""Memory and SQLite keep what `contract.py` says."""

import asyncio
from pathlib import Path

import pytest
from stores.contract import PROMISES

from tiny_dancer.history import MemoryStore, SQLiteStore


class OpenMemory:
    durable = False

    def __init__(self) -> None:
        self.store = MemoryStore()

    async def __call__(self) -> MemoryStore:
        return self.store

    async def close(self) -> None:
        await self.store.close()


class OpenSQLite:
    durable = True

    def __init__(self, path: Path) -> None:
        self.path, self.opened = path, []

    async def __call__(self) -> SQLiteStore:
        self.opened.append(SQLiteStore(self.path))
        return self.opened[-1]

    async def close(self) -> None:
        for store in self.opened:
            await store.close()


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_a_store_keeps_each_promise(promise, kind: str, tmp_path: Path) -> None:
    open_store = OpenMemory() if kind == "memory" else OpenSQLite(tmp_path / "history.db")

    async def run() -> None:
        try:
            await promise(open_store)
        finally:
            await open_store.close()

    asyncio.run(run())
