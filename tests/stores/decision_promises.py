"""What every store promises of decisions."""

import random
from dataclasses import fields, replace

from stores.samples import (
    ODD,
    decision,
)

from tiny_dancer.history.records import (
    DecisionRecord,
    Outcome,
)
from tiny_dancer.history.records.codec import from_row


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
