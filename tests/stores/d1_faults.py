"""What goes wrong with D1: said clearly, tried again where that helps, nothing changed."""

import json

from pyodide.code import run_js
from stores.d1_promises import empty
from stores.samples import decision, refuses

from tiny_dancer.errors import SchemaError, StoreError, StoreFullError
from tiny_dancer.history.stores.d1 import D1Store
from tiny_dancer.history.stores.schema import SCHEMA, migration_file

FLAKY = """
(real) => {
  const flaky = { left: 0, message: "", calls: 0 };
  const guard = (call) => (...args) => {
    flaky.calls += 1;
    if (flaky.left > 0) { flaky.left -= 1; return Promise.reject(new Error(flaky.message)); }
    return call(...args);
  };
  const wrap = (statement) => ({
    inner: statement,
    bind: (...args) => wrap(statement.bind(...args)),
    raw: guard(() => statement.raw()),
  });
  flaky.prepare = (text) => wrap(real.prepare(text));
  flaky.batch = guard((list) => real.batch([...list].map((one) => one.inner)));
  return flaky;
}
"""


async def tables_are_missing(database):
    await empty(database)
    assert "apply the migrations" in await refuses(StoreError, D1Store.open(database))


async def schema_is_newer(database):
    await empty(database)
    store = await D1Store.open(database, migrate=True)
    await store.record_routings([decision(1)])
    await database.prepare("update meta set value = '99' where name = 'schema'").run()
    for migrate in (False, True):
        message = await refuses(SchemaError, D1Store.open(database, migrate=migrate))
        assert "schema 99" in message and f"knows {SCHEMA}" in message
    count = await database.prepare("select count(*) as n from decisions").first()
    assert count.n == 1


async def migration_files_make_the_same_tables(database):
    await empty(database)
    await D1Store.open(database, migrate=True)
    text = "select name, sql from sqlite_master where sql is not null order by name"
    ours = (await database.prepare(text).raw()).to_py()
    await empty(database)
    for version in range(1, SCHEMA + 1):
        for statement in migration_file(version).split(";\n\n"):
            await database.prepare(statement).run()
    assert (await database.prepare(text).raw()).to_py() == ours
    await D1Store.open(database)


async def transient_errors_are_tried_again(database):
    await empty(database)
    await D1Store.open(database, migrate=True)
    flaky = run_js(FLAKY)(database)
    store = await D1Store.open(flaky)
    flaky.left, flaky.message = 4, "D1_ERROR: Network connection lost."
    await store.record_routings([decision(1)])
    flaky.left = 4
    assert (await store.statistics()).total_routes == 1
    flaky.left, flaky.calls = 5, 0
    message = await refuses(StoreError, store.record_routings([decision(2)]))
    assert "Network connection lost" in message and flaky.calls == 5
    flaky.left = 0
    assert (await store.statistics()).total_routes == 1


async def other_errors_are_not(database):
    flaky = run_js(FLAKY)(database)
    store = await D1Store.open(flaky)
    flaky.left, flaky.calls, flaky.message = 1, 0, "D1_ERROR: Exceeded maximum DB size"
    await refuses(StoreFullError, store.record_routings([decision(3)]))
    assert flaky.calls == 1


async def main(database, _) -> str:
    broken = []
    for promise in (
        tables_are_missing,
        schema_is_newer,
        migration_files_make_the_same_tables,
        transient_errors_are_tried_again,
        other_errors_are_not,
    ):
        try:
            await promise(database)
        except Exception as error:
            broken.append(f"{promise.__name__}: {error!r}")
    return json.dumps(broken)
