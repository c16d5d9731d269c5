"""One of two Pyodide instances on one D1, at work at the same time. Run by d1.mjs."""

import asyncio
import json

from stores.shared_breaker import FAILED, views
from stores.writer import look, write

from tiny_dancer.history.stores.d1 import D1Store


async def both_at(store, place: str, name: str) -> None:
    """Come back when both instances have got here.

    They look seldom: one that asks every millisecond can keep the other from starting.
    """
    await store.swap_state("place", f"{place} {name}", "", 0)
    for _ in range(2_000):
        if len([n for n in await store.load_states("place") if n.startswith(place)]) == 2:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{name} waited in vain for the other to {place}")


async def main(database, argument: str) -> str:
    name, batches = argument.split()
    store = await D1Store.open(database, migrate=True)  # both make the tables at once
    await both_at(store, "write", name)
    await write(store, name, int(batches))
    await both_at(store, "look", name)
    found = await look(store)
    await both_at(store, "seen", name)

    mine = views(store)
    for _ in range(5):
        mine.breakers.report("light", FAILED, 1_000.0)
    await mine.breakers.commit(1_000.0)
    await both_at(store, "probe", name)
    wanted = [mine.lease("light", 1_060.0) for _ in range(10)]
    leases = [lease.id for lease in await asyncio.gather(*wanted) if lease is not None]
    return json.dumps({"found": found, "leases": leases})
