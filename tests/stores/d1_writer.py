"""Writes to D1 without end and says what was acknowledged; first what it found. Run by d1.mjs."""

import json

from stores.writer import look, write

from tiny_dancer.history.stores.d1 import D1Store


async def main(database, name: str) -> str:
    store = await D1Store.open(database, migrate=True)
    print(json.dumps(await look(store)))
    if name:
        await write(store, name, 100_000, print)
    return json.dumps(None)
