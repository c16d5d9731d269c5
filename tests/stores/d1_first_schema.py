"""A D1 that the first schema made, brought to the newest; run by d1.mjs."""

import json

from pyodide.ffi import to_js
from stores.first_schema_files import lost, totals
from stores.samples import decision

from tiny_dancer.history import Outcome
from tiny_dancer.history.stores.d1 import D1Store


async def main(database, argument: str) -> str:
    given = json.loads(argument)
    statements = [database.prepare(text) for text in given["statements"]]
    await database.batch(to_js(statements))
    store = await D1Store.open(database, migrate=True)
    said = {"lost": await lost(store, given["lines"]), "totals": await totals(store)}
    await store.record_routings([decision(100, owner="ann")])
    reports = [Outcome(decision_id=f"d-{n}", at=1.0, tokens_in=3, owner="ann") for n in (7, 9, 100)]
    said["unknown"] = await store.record_outcomes(reports)
    said["outcomes"] = (await store.statistics()).outcomes
    return json.dumps(said)
