"""What every store promises, as plain coroutines: no test framework, so they run on every host.

A promise takes `open_store`: each call of it opens the same fresh storage once more (two handles
are two processes' or two tabs' views of it). `open_store.durable` tells whether a handle opened
after the last one was closed still finds everything.
"""

import asyncio
import json
import random
from dataclasses import fields, replace

from tiny_dancer.candidate import Candidate
from tiny_dancer.errors import InvalidInputError, SchemaError, StoreError
from tiny_dancer.history.codec import COLUMNS, TYPES, from_row, to_row
from tiny_dancer.history.jsonl import export_lines, import_lines
from tiny_dancer.history.records import (
    COPIED,
    DecisionRecord,
    EventRecord,
    Outcome,
    OutcomeRecord,
)
from tiny_dancer.history.store import UnknownDecisionError, Versioned, record_outcome

ODD = (
    "Zürich 東京 🦀",
    'it\'s "quoted" \\ back`slash`',
    "'); drop table decisions; --",
    "line\nbreak\ttab\u2028separator\u00a0",
    "מימין لليسار",
    "true",
    "null",
    "5",
    "1e5",
    '{"a":1}',
    "%_?:$1",
    "e\u0301\u200d\ufeff",
    "x" * 200,
)
"""Texts that tempt a store to read them as something else."""


def decision(n: int, **changes) -> DecisionRecord:
    record = DecisionRecord(
        decision_id=f"d-{n}",
        at=1_700_000_000.0 + n,
        model="light" if n % 3 else "powerful",
        use_lightweight=bool(n % 3),
        reason="below_threshold",
        prompt_hash=f"{n:032x}",
        candidate_id=f"c-{n % 5}" if n % 2 else None,
        confidence=0.1 + (n % 9) / 10,
        score=(n % 7) / 8 - 0.5,
        policy_id="p-1",
        bundle_hash="b" * 64,
        inference_time_us=float(n % 50) or None,
    )
    return replace(record, **changes)


def candidate(n: int, **changes) -> Candidate:
    values = {
        "embedding": [n / 7, -1.5, 3e-5],
        "metadata": {"topic": "even" if n % 2 == 0 else "odd", "n": str(n)},
        "created_at": 1_700_000_000 + n / 3,
        "access_count": n,
        "success_rate": (n % 11) / 10,
    }
    return Candidate(f"c-{n}", **(values | changes))


async def refuses(kind, awaitable) -> str:
    """The message of the error of this kind that it raises; anything else fails."""
    try:
        await awaitable
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__} was raised")


async def everything(store) -> dict:
    return {kind: [row for _, row in await store.scan(kind, 0, 100_000)] for kind in TYPES}


# ---------------------------------------------------------------- candidates


async def promise_candidates_come_back_as_they_were(open_store):
    store = await open_store()
    wanted = [
        candidate(1),
        candidate(2, embedding=None, text="a text"),
        candidate(3, metadata={}, access_count=(1 << 53) - 1, success_rate=1 / 3),
        candidate(4, embedding=[0.1] * 2048),
        Candidate("odd", text=ODD[0], metadata={o: o for o in ODD}, created_at=0, success_rate=1),
    ]
    await store.insert_candidates(wanted)
    for one in wanted:
        assert await store.get_candidate(one.id) == one
    assert await store.query_candidates() == wanted
    assert await store.get_candidate("nobody") is None


async def promise_a_candidate_is_replaced_in_its_place(open_store):
    store = await open_store()
    await store.insert_candidates([candidate(n) for n in range(3)])
    new = candidate(1, embedding=None, text="new", access_count=9)
    await store.insert_candidates([new])
    assert await store.query_candidates() == [candidate(0), new, candidate(2)]


async def promise_candidates_come_in_pages_and_by_metadata(open_store):
    store = await open_store()
    await store.insert_candidates([candidate(n) for n in range(120)])
    ids = [c.id for c in await store.query_candidates()]
    assert ids == [f"c-{n}" for n in range(50)]
    ids = [c.id for c in await store.query_candidates(20, 110)]
    assert ids == [f"c-{n}" for n in range(110, 120)]
    odd = await store.query_candidates(3, 1, {"topic": "odd"})
    assert [c.id for c in odd] == ["c-3", "c-5", "c-7"]
    assert [c.id for c in await store.query_candidates(9, 0, {"topic": "odd", "n": "7"})] == ["c-7"]
    assert await store.query_candidates(9, 0, {"topic": "odd", "n": "8"}) == []
    assert await store.query_candidates(9, 0, {"absent": "x"}) == []
    assert await store.query_candidates(0) == []


async def promise_a_deleted_candidate_is_gone(open_store):
    store = await open_store()
    await store.insert_candidates([candidate(1), candidate(2)])
    assert await store.delete_candidate("c-1") is True
    assert await store.delete_candidate("c-1") is False
    assert [c.id for c in await store.query_candidates()] == ["c-2"]


async def promise_a_page_that_is_none_is_refused(open_store):
    store = await open_store()
    for limit, offset in ((-1, 0), (5, -1), (2.5, 0), (True, 0), ("5", 0)):
        await refuses(InvalidInputError, store.query_candidates(limit, offset))
        await refuses(InvalidInputError, store.query_routings(limit, offset))


# ---------------------------------------------------------------- decisions


async def promise_decisions_come_back_newest_first(open_store):
    store = await open_store()
    wanted = [decision(n) for n in range(120)]
    await store.record_routings(wanted[:70])
    await store.record_routings(wanted[70:])
    assert await store.query_routings() == wanted[:69:-1]
    assert await store.query_routings(15, 110) == wanted[9::-1]
    assert await store.query_routings(0) == []


async def promise_every_field_of_a_decision_comes_back(open_store):
    store = await open_store()
    full = DecisionRecord(
        decision_id="full",
        at=1_700_000_000.123456,
        model="ultra",
        use_lightweight=True,
        reason="forced",
        prompt_hash="h",
        candidate_id="c",
        confidence=0.1 + 0.2,
        uncertainty=1.0,
        score=-2.0,
        threshold=1 / 3,
        policy_id="p",
        bundle_hash="b",
        propensity=0.05,
        explored=True,
        head_inputs=bytes(range(256)) * 2,
        n_tokens=(1 << 53) - 1,
        inference_time_us=5.0,
    )
    bare = DecisionRecord(
        decision_id="bare", at=0, model="m", use_lightweight=False, reason="no_model"
    )
    await store.record_routings([full, bare, replace(full, decision_id="empty", head_inputs=b"")])
    empty, *rest = await store.query_routings()
    assert rest == [bare, full] and empty.head_inputs == b""
    for back in rest:
        for field in fields(back):
            value = getattr(back, field.name)
            assert type(value) is type(getattr(full, field.name)) or value in (None, 0), field.name


async def promise_odd_texts_come_back(open_store):
    store = await open_store()
    wanted = [
        decision(n, decision_id=text, model=text, reason=text, candidate_id=text, policy_id=text)
        for n, text in enumerate(ODD)
    ]
    await store.record_routings(wanted)
    assert (await store.query_routings())[::-1] == wanted
    outcomes = [Outcome(decision_id=text, at=1, scores={text: 0.75}) for text in ODD]
    assert await store.record_outcomes(outcomes) == ()
    rows = await store.scan("outcome")
    assert [from_row("outcome", row).scores for _, row in rows] == [{t: 0.75} for t in ODD]
    assert {m.model for m in (await store.statistics()).models} == set(ODD)


async def promise_numbers_come_back_exactly(open_store):
    store, draw = await open_store(), random.Random(5)
    wanted = [
        decision(
            n,
            at=draw.uniform(0, 2e9),
            confidence=draw.random(),
            score=draw.uniform(-1e-9, 1e-9),
            threshold=draw.uniform(-1e15, 1e15),
            inference_time_us=draw.choice([0.1, 1e-7, 123456789.125, 2.0, 1e15]),
        )
        for n in range(300)
    ]
    await store.record_routings(wanted)
    assert (await store.query_routings(300))[::-1] == wanted


async def promise_a_decision_written_twice_is_there_once(open_store):
    store = await open_store()
    wanted = [decision(n) for n in range(10)]
    await store.record_routings(wanted[:6])
    await store.record_routings(wanted[3:])
    await store.record_routings([decision(10), decision(10), decision(0, model="other")])
    assert await store.query_routings() == [decision(10), *wanted[::-1]]
    assert (await store.statistics()).total_routes == 11


async def promise_a_batch_of_thousands_is_one_call(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(2_500)])
    assert (await store.statistics()).total_routes == 2_500
    assert (await store.query_routings(1, 2_499)) == [decision(0)]
    said = [Outcome(decision_id=f"d-{n}", at=1, cost=0.5) for n in range(2_600)]
    assert len(await store.record_outcomes(said)) == 100
    assert (await store.statistics()).cost == 1_250.0


async def promise_nothing_to_write_is_no_error(open_store):
    store = await open_store()
    await store.insert_candidates([])
    await store.record_routings([])
    assert await store.record_outcomes([]) == ()
    assert await store.put("event", []) == 0
    assert (await store.statistics()).total_routes == 0


# ---------------------------------------------------------------- outcomes


async def promise_an_outcome_copies_from_its_decision(open_store):
    store = await open_store()
    made = decision(7, head_inputs=b"\x00\x3c" * 80, propensity=0.25, explored=True)
    await store.record_routings([made])
    said = Outcome(
        decision_id="d-7",
        at=5.0,
        scores={"light": 0.75, "powerful": 1.0},
        cost=0.001,
        cost_powerful=0.004,
        tokens_in=100,
        tokens_out=250,
        latency_ms=812.5,
    )
    await record_outcome(store, said)
    ((_, row),) = await store.scan("outcome")
    back = from_row("outcome", row)
    for name in COPIED:
        assert getattr(back, name) == getattr(made, name), name
    for field in fields(Outcome):
        assert getattr(back, field.name) == getattr(said, field.name), field.name


async def promise_an_outcome_of_an_unknown_decision_is_an_error(open_store):
    store = await open_store()
    await store.record_routings([decision(1)])
    said = [Outcome(decision_id=name, at=1.0) for name in ("d-0", "d-1", "d-2")]
    assert await store.record_outcomes(said) == ("d-0", "d-2")
    message = await refuses(UnknownDecisionError, record_outcome(store, said[0]))
    assert "d-0" in message
    assert len(await store.scan("outcome")) == 1


async def promise_a_later_outcome_adds_to_the_first(open_store):
    store = await open_store()
    await store.record_routings([decision(1), decision(2)])
    await record_outcome(store, Outcome(decision_id="d-1", at=1.0, cost=2.0, tokens_in=5))
    await record_outcome(store, Outcome(decision_id="d-2", at=2.0))
    scores = {"light": 0.25}
    await record_outcome(store, Outcome(decision_id="d-1", at=3.0, scores=scores, cost=3.0))
    await record_outcome(store, Outcome(decision_id="d-1", at=4.0, scores={"powerful": 1.0}))
    (_, first), (_, second) = await store.scan("outcome")
    back = from_row("outcome", first)
    assert (back.at, back.cost, back.tokens_in) == (4.0, 3.0, 5)
    assert back.scores == {"light": 0.25, "powerful": 1.0}
    assert from_row("outcome", second).decision_id == "d-2"
    statistics = await store.statistics()
    assert (statistics.outcomes, statistics.cost) == (2, 3.0)


# ---------------------------------------------------------------- totals


async def promise_statistics_are_those_of_all_records(open_store):
    """Random decisions and outcomes, some repeated and amended, against a plain recount."""
    store, draw = await open_store(), random.Random(11)
    models = ("light", "middle", "powerful")
    made, said = {}, {}
    for n in range(300):
        record = decision(
            n,
            model=draw.choice(models),
            use_lightweight=draw.random() < 0.5,
            candidate_id=draw.choice([None, "a", "b", "c"]),
            inference_time_us=draw.choice([None, float(draw.randrange(100))]),
        )
        made[record.decision_id] = record
    await store.record_routings(list(made.values()))
    batch = []
    for k in range(400):
        outcome = Outcome(
            decision_id=f"d-{draw.randrange(300)}",
            at=1.0,
            scores={m: draw.randrange(5) / 4 for m in models if draw.random() < 0.5},
            cost=draw.choice([None, draw.randrange(64) / 64]),
            cost_powerful=draw.choice([None, draw.randrange(64) / 16]),
            tokens_in=draw.choice([None, draw.randrange(1000)]),
            tokens_out=draw.choice([None, draw.randrange(1000)]),
        )
        batch += [outcome] * draw.choice([1, 1, 2])
        if k % 10 == 9:
            assert await store.record_outcomes(batch) == ()
            batch = []
        old = said.get(outcome.decision_id, outcome)
        kept = {
            f.name: getattr(old if getattr(outcome, f.name) is None else outcome, f.name)
            for f in fields(Outcome)
        }
        said[outcome.decision_id] = Outcome(**kept | {"scores": old.scores | outcome.scores})
    await store.retain(before=0.0, keep=100)  # what is deleted for its age still counts
    statistics = await store.statistics()

    times = [d.inference_time_us for d in made.values() if d.inference_time_us is not None]
    both = [o for o in said.values() if o.cost is not None and o.cost_powerful is not None]
    assert statistics.total_routes == 300
    assert statistics.lightweight_routes == sum(d.use_lightweight for d in made.values())
    assert statistics.lightweight_share == statistics.lightweight_routes / 300
    assert abs(statistics.average_latency_us - sum(times) / len(times)) < 1e-9
    assert statistics.outcomes == len(said)
    assert statistics.cost == sum(o.cost or 0 for o in said.values())
    assert statistics.money_saved == sum(o.cost_powerful - o.cost for o in both)
    assert [m.model for m in statistics.models] == sorted(models)
    for total in statistics.models:
        chosen = [o for o in said.values() if made[o.decision_id].model == total.model]
        scored = [o.scores[total.model] for o in said.values() if total.model in o.scores]
        assert total.routes == sum(d.model == total.model for d in made.values())
        assert total.tokens_in == sum(o.tokens_in or 0 for o in chosen)
        assert total.tokens_out == sum(o.tokens_out or 0 for o in chosen)
        assert (total.scored, total.successes) == (len(scored), sum(s >= 0.5 for s in scored))
    routes = [c.routes for c in statistics.candidates]
    assert routes == sorted(routes, reverse=True) and len(routes) == 3
    for total in statistics.candidates:
        mine = [d for d in made.values() if d.candidate_id == total.candidate_id]
        outcomes = [(d.model, said.get(d.decision_id)) for d in mine]
        scored = [o.scores[m] for m, o in outcomes if o is not None and m in o.scores]
        assert total.routes == len(mine)
        assert (total.scored, total.successes) == (len(scored), sum(s >= 0.5 for s in scored))


async def promise_an_empty_store_has_empty_statistics(open_store):
    statistics = await (await open_store()).statistics()
    assert (statistics.total_routes, statistics.cost, statistics.models) == (0, 0.0, ())
    assert statistics.lightweight_share is None and statistics.average_latency_us is None


# ---------------------------------------------------------------- shared states


def event(version: int, n: int = 0, **changes) -> EventRecord:
    values = {"kind": "breaker", "name": "light", "at": 5.0, "text": '{"after":"open"}'}
    return EventRecord(version=version, n=n, **(values | changes))


async def promise_a_state_changes_only_from_the_version_that_was_read(open_store):
    store = await open_store()
    assert await store.load_states("breaker") == {}
    assert not await store.swap_state("breaker", "light", "lost", 3)
    assert await store.swap_state("breaker", "light", "one", 0)
    assert not await store.swap_state("breaker", "light", "lost", 0)
    assert await store.swap_state("breaker", "light", ODD[3], 1)
    assert not await store.swap_state("breaker", "light", "lost", 1)
    assert await store.load_states("breaker") == {"light": Versioned(2, ODD[3])}


async def promise_states_of_other_names_and_kinds_are_others(open_store):
    store = await open_store()
    for kind, name in (("breaker", "light"), ("breaker", "powerful"), ("policy", "light")):
        assert await store.swap_state(kind, name, f"{kind} {name}", 0)
    one, two = Versioned(1, "breaker light"), Versioned(1, "breaker powerful")
    assert await store.load_states("breaker") == {"light": one, "powerful": two}
    assert await store.load_states("drift") == {}


async def promise_events_are_kept_with_the_swap_that_made_them(open_store):
    store = await open_store()
    assert await store.swap_state("breaker", "light", "one", 0, [event(1), event(1, 1)])
    assert not await store.swap_state("breaker", "light", "lost", 0, [event(1, 2)])
    assert not await store.swap_state("breaker", "light", "lost", 7, [event(8)])
    assert await store.swap_state("breaker", "light", "two", 1, [event(2)])
    kept = [from_row("event", row) for _, row in await store.scan("event")]
    assert kept == [event(1), event(1, 1), event(2)]


async def promise_no_swap_is_lost_among_many(open_store):
    stores = [await open_store(), await open_store()]

    async def add(store, times: int) -> None:
        for _ in range(times):
            while True:
                state = (await store.load_states("drift")).get("x", Versioned(0, "0"))
                text = str(int(state.text) + 1)
                if await store.swap_state("drift", "x", text, state.version):
                    break
                await asyncio.sleep(random.random() / 50)

    await asyncio.gather(*(add(stores[k % 2], 5) for k in range(4)))
    assert await stores[0].load_states("drift") == {"x": Versioned(20, "20")}


# ---------------------------------------------------------------- export, import, retention


async def filled(store) -> None:
    """A bit of everything."""
    await store.insert_candidates([candidate(n) for n in range(12)])
    await store.record_routings([decision(n, head_inputs=b"\x01\x02" * 8) for n in range(30)])
    said = [
        Outcome(decision_id=f"d-{n}", at=n, scores={"light": 1 / 3}, cost=0.25) for n in range(20)
    ]
    await store.record_outcomes(said)
    for version in range(3):
        await store.swap_state("breaker", "light", "state", version, [event(version + 1)])
    await store.swap_state("policy", "b" * 64, '{"version":1}', 0)


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


# ---------------------------------------------------------------- handles


async def promise_the_prompt_key_stays_until_all_is_deleted(open_store):
    one, two = await open_store(), await open_store()
    key = await one.prompt_key()
    assert len(key) == 32 and await two.prompt_key() == key
    await one.clear()
    assert await two.prompt_key() != key


async def promise_two_handles_see_each_others_writes(open_store):
    one, two = await open_store(), await open_store()
    await one.record_routings([decision(1)])
    await two.record_routings([decision(1), decision(2)])
    assert await one.record_outcomes([Outcome(decision_id="d-2", at=1.0)]) == ()
    assert await one.query_routings() == await two.query_routings() == [decision(2), decision(1)]
    assert await one.statistics() == await two.statistics()


async def promise_many_writers_at_once_lose_and_double_nothing(open_store):
    stores = [await open_store(), await open_store()]

    async def write(k: int) -> None:
        for n in range(4):
            numbers = range(k * 100 + n * 25, k * 100 + n * 25 + 25)
            await stores[k % 2].record_routings([decision(m) for m in numbers])
            said = [Outcome(decision_id=f"d-{m}", at=1.0, cost=1.0) for m in numbers]
            assert await stores[k % 2].record_outcomes(said) == ()

    await asyncio.gather(*(write(k) for k in range(8)))
    statistics = await stores[0].statistics()
    assert (statistics.total_routes, statistics.cost) == (800, 800.0)
    ids = {row[0] for _, row in await stores[0].scan("decision", 0, 1_000)}
    assert ids == {f"d-{n}" for n in range(800)}


async def promise_what_was_written_is_there_after_reopening(open_store):
    store = await open_store()
    await filled(store)
    before, statistics, key = (
        await everything(store),
        await store.statistics(),
        await store.prompt_key(),
    )
    if not open_store.durable:
        return
    await store.close()
    store = await open_store()
    assert await everything(store) == before
    assert await store.statistics() == statistics
    assert await store.prompt_key() == key


async def promise_a_closed_store_says_so(open_store):
    store = await open_store()
    await store.close()
    await store.close()
    await refuses(StoreError, store.record_routings([decision(1)]))
    await refuses(StoreError, store.statistics())


async def promise_an_outcome_outlives_its_decision(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(5)])
    await store.record_outcomes([Outcome(decision_id="d-1", at=2e9)])
    await store.retain(before=1.9e9, keep=100)
    assert await store.query_routings() == []
    ((_, row),) = await store.scan("outcome")
    back = from_row("outcome", row)
    assert isinstance(back, OutcomeRecord) and back.score == decision(1).score


PROMISES = tuple(f for name, f in list(globals().items()) if name.startswith("promise_"))
