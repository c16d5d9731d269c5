"""What every store promises of export, import and retention."""

import json

from stores.samples import (
    candidate,
    decision,
    everything,
    filled,
    refuses,
)

from tiny_dancer.errors import InvalidInputError, SchemaError
from tiny_dancer.history.readings.export import export_lines, import_lines
from tiny_dancer.history.records import (
    Outcome,
)
from tiny_dancer.history.records.codec import COLUMNS, from_row, to_row
from tiny_dancer.history.records.state import CLAIMS, TEXTS
from tiny_dancer.history.stores.store import record_outcome


async def promise_an_export_holds_everything(open_store):
    store = await open_store()
    await filled(store)
    before, statistics = await everything(store), await store.statistics()
    lines = [line async for line in export_lines(store, page=7)]
    assert len(lines) == 1 + 12 + 30 + 20 + 2 + 3
    await store.clear()
    assert not any((await everything(store)).values())
    new = await import_lines(store, lines, page=7)
    assert new == {"candidate": 12, "decision": 30, "outcome": 20, "state": 2, "event": 3}
    assert await everything(store) == before
    assert await store.statistics() == statistics


async def promise_importing_again_adds_nothing(open_store):
    store = await open_store()
    await filled(store)
    before, statistics = await everything(store), await store.statistics()
    lines = [line async for line in export_lines(store)]
    assert set((await import_lines(store, lines)).values()) == {0}
    assert await everything(store) == before
    assert await store.statistics() == statistics


async def promise_an_import_never_overwrites(open_store):
    store = await open_store()
    await filled(store)
    lines = [line async for line in export_lines(store)]
    await store.insert_candidates([candidate(3, access_count=99)])
    await store.swap_state("breaker", "light", "newer", 3)
    await record_outcome(store, Outcome(decision_id="d-3", at=9, cost=7.0))
    before = await everything(store)
    await import_lines(store, lines)
    assert await everything(store) == before


async def promise_a_line_that_is_no_record_is_named(open_store):
    store = await open_store()
    header = '{"format":"tiny-dancer-history","version":1}'
    values = dict(zip(COLUMNS["decision"], to_row("decision", decision(1)), strict=True))
    good = json.dumps({"type": "decision", **values})
    for line, fault in (
        ("{", "line 3: not JSON"),
        ("[]", "line 3"),
        ('{"type":"song"}', "line 3: type"),
        (good.replace('"at": 1', '"at": "x1'), "line 3"),
        (good.replace("d-1", "d-2").replace('"confidence": 0.2', '"confidence": 2'), "confidence"),
        (good.replace('"reason"', '"raisin"'), "raisin"),
        ('{"type":"decision"}', "missing"),
    ):
        message = await refuses(InvalidInputError, import_lines(store, [header, good, line]))
        assert fault in message, (line, message)
    assert "line 1" in await refuses(InvalidInputError, import_lines(store, [good]))
    newer = header.replace(":1", ":2")
    assert "version 2" in await refuses(SchemaError, import_lines(store, [newer, good]))
    await refuses(InvalidInputError, import_lines(store, []))


async def promise_a_batch_with_a_bad_row_stores_nothing(open_store):
    store = await open_store()
    good = to_row("decision", decision(1))
    for at, bad in ((0, ""), (1, "yesterday"), (12, 5.0), (13, 0.0), (15, "===")):
        row = [*to_row("decision", decision(2))]
        row[at] = bad
        await refuses(InvalidInputError, store.put("decision", [good, row]))
    await refuses(InvalidInputError, store.put("decision", [good, good[:-1]]))
    assert await store.scan("decision") == []


async def promise_a_scan_pages_through_all(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(25)])
    seen, after = [], 0
    while page := await store.scan("decision", after, 10):
        assert len(page) <= 10
        seen += [from_row("decision", row) for _, row in page]
        after = page[-1][0]
    assert seen == [decision(n) for n in range(25)]


async def promise_retention_deletes_the_oldest(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(40)])
    await store.record_outcomes([Outcome(decision_id=f"d-{n}", at=100.0 + n) for n in range(40)])
    assert await store.retain(before=0.0, keep=1_000) == 0
    assert await store.retain(before=110.0, keep=1_000) == 10  # outcomes 0..9; decisions are newer
    assert await store.retain(before=0.0, keep=25, limit=10) == 10 + 5
    assert await store.retain(before=0.0, keep=25, limit=10) == 5
    assert await store.retain(before=0.0, keep=25, limit=10) == 0
    assert await store.query_routings() == [decision(n) for n in range(39, 14, -1)]
    ids = [row[0] for _, row in await store.scan("outcome")]
    assert ids == [f"d-{n}" for n in range(15, 40)]
    statistics = await store.statistics()
    assert (statistics.total_routes, statistics.outcomes) == (40, 40)
    await store.record_routings([decision(50)])  # what comes after is the newest
    assert (await store.query_routings(1)) == [decision(50)]


async def promise_what_is_kept_of_a_pair_goes_with_its_decision(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(4)])
    for n in range(4):
        assert await store.swap_state(CLAIMS, f"hash-{n}", f"d-{n}", 0)
        assert await store.swap_state(TEXTS, f"d-{n}", "{}", 0)
    assert await store.swap_state("policy", "d-0", "{}", 0)
    assert await store.retain(before=0.0, keep=1_000) == 0
    assert await store.retain(before=0.0, keep=1) == 3 + 6
    assert await store.retain(before=0.0, keep=1) == 0
    assert list(await store.load_states(CLAIMS)) == ["hash-3"]
    assert list(await store.load_states(TEXTS)) == ["d-3"]
    assert list(await store.load_states("policy")) == ["d-0"]
