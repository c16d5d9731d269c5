"""The promises on D1, run by d1.mjs."""

import json

from pyodide.ffi import to_js
from stores.run_promises import run

from tiny_dancer.history.stores.d1 import D1Store

TABLES = "select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'"


async def empty(database) -> None:
    """Drop all tables that are not D1's own."""
    rows = (await database.prepare(TABLES).raw()).to_py()
    drops = [database.prepare(f"drop table {name}") for (name,) in rows if "sqlite" not in name]
    if drops:
        await database.batch(to_js(drops))


class Open:
    durable = True

    def __init__(self, database) -> None:
        self.database = database

    async def __call__(self) -> D1Store:
        return await D1Store.open(self.database, migrate=True)


async def main(database, only: str) -> str:
    async def make() -> Open:
        await empty(database)
        return Open(database)

    lines = []
    broken = await run(make, lines.append, only)
    return json.dumps({"broken": broken, "lines": lines})
