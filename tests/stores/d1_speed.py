"""What one record costs on D1, run by d1.mjs."""

import json

from stores.speed import milliseconds

from tiny_dancer.history.stores.d1 import D1Store


async def main(database, _: str) -> str:
    return json.dumps(await milliseconds(await D1Store.open(database, migrate=True)))
