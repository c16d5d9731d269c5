"""What every store promises of outcomes."""

from dataclasses import fields

from stores.samples import (
    decision,
    refuses,
)

from tiny_dancer.history.readings.paired_outcomes import read_paired_outcomes
from tiny_dancer.history.records import (
    COPIED,
    Outcome,
    OutcomeRecord,
)
from tiny_dancer.history.records.codec import from_row
from tiny_dancer.history.stores.store import UnknownDecisionError, record_outcome


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
    (_, second), (_, first) = await store.scan("outcome")
    back = from_row("outcome", first)
    assert (back.at, back.cost, back.tokens_in) == (4.0, 3.0, 5)
    assert back.scores == {"light": 0.25, "powerful": 1.0}
    assert from_row("outcome", second).decision_id == "d-2"
    statistics = await store.statistics()
    assert (statistics.outcomes, statistics.cost) == (2, 3.0)


async def promise_an_owner_replaces_no_number_that_is_known(open_store):
    store = await open_store()
    await store.record_routings([decision(1, owner="ann"), decision(2, owner="ann")])
    await record_outcome(store, Outcome(decision_id="d-1", at=1.0, cost=2.0))
    told = [
        Outcome(decision_id=f"d-{n}", at=2.0, cost=1e9, tokens_in=7, owner="ann") for n in (1, 2)
    ]
    await store.record_outcomes(told)
    rows = [from_row("outcome", row) for _, row in await store.scan("outcome")]
    assert [(one.cost, one.tokens_in) for one in rows] == [(2.0, 7), (1e9, 7)]
    await record_outcome(store, Outcome(decision_id="d-2", at=3.0, cost=3.0))  # measured later
    assert (await store.statistics()).cost == 5.0


async def promise_an_outcome_that_is_added_to_is_scanned_again(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(4)])
    await store.record_outcomes([Outcome(decision_id=f"d-{n}", at=1.0) for n in range(4)])
    read = [number for number, _ in await store.scan("outcome")]
    again = [Outcome(decision_id=f"d-{n}", at=2.0, scores={"light": 1.0}) for n in (2, 0)]
    await store.record_outcomes(again)
    rows = await store.scan("outcome", max(read))
    assert [from_row("outcome", row).decision_id for _, row in rows] == ["d-2", "d-0"]
    assert len(await store.scan("outcome")) == 4


async def promise_no_judge_replaces_a_mark_by_people(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(3)])
    people = {"graded_by": "people", "scores": {"light": 0.0}}
    judge = {"graded_by": "judge:j", "scores": {"light": 1.0, "powerful": 0.5}, "judge_cost": 2.0}
    for n, order in enumerate(((people, judge), (judge, people), (judge, {"cost": 1.0}))):
        for said in order:
            await record_outcome(store, Outcome(decision_id=f"d-{n}", at=1.0, **said))
    rows = [from_row("outcome", row) for _, row in await store.scan("outcome")]
    assert [one.graded_by for one in rows] == ["people", "people", "judge:j"]
    assert [one.scores for one in rows] == [
        {"light": 0.0, "powerful": 0.5},
        {"light": 0.0, "powerful": 0.5},
        {"light": 1.0, "powerful": 0.5},
    ]
    assert all(one.judge_cost == 2.0 for one in rows)


async def promise_pairs_that_people_marked_are_found_apart(open_store):
    store = await open_store()
    made = [decision(n) for n in range(4)]
    await store.record_routings(made)
    both = {"light": 1.0, "powerful": 1.0}
    for n, by in enumerate(("judge:j", "people", "check", "judge:j")):
        said = Outcome(decision_id=f"d-{n}", at=1.0, scores=both, graded_by=by)
        await record_outcome(store, said)
    again = Outcome(decision_id="d-3", at=2.0, scores={"light": 0.0}, graded_by="people")
    await record_outcome(store, again)
    models = ("light", "powerful")
    bundle = made[0].bundle_hash
    pairs = await read_paired_outcomes(store, bundle, models)
    assert sorted(one.marked_by for one in pairs) == ["check", "judge:j", "people", "people"]
    pairs = await read_paired_outcomes(store, bundle, models, by_people=True)
    assert [(one.prompt, one.quality) for one in pairs] == [
        (made[1].prompt_hash, (1.0, 1.0)),
        (made[3].prompt_hash, (0.0, 1.0)),
    ]


async def promise_an_outcome_outlives_its_decision(open_store):
    store = await open_store()
    await store.record_routings([decision(n) for n in range(5)])
    await store.record_outcomes([Outcome(decision_id="d-1", at=2e9)])
    await store.retain(before=1.9e9, keep=100)
    assert await store.query_routings() == []
    ((_, row),) = await store.scan("outcome")
    back = from_row("outcome", row)
    assert isinstance(back, OutcomeRecord) and back.score == decision(1).score


async def promise_an_outcome_by_another_owner_is_of_an_unknown_decision(open_store):
    store = await open_store()
    await store.record_routings([decision(1, owner="ann"), decision(2)])
    said = [
        Outcome(decision_id="d-1", at=1.0, cost=1.0, owner="bob"),
        Outcome(decision_id="d-2", at=1.0, cost=2.0, owner="bob"),  # nobody's in particular
        Outcome(decision_id="d-1", at=2.0, cost=4.0, owner="ann"),
    ]
    assert await store.record_outcomes(said[:1]) == ("d-1",)
    assert await store.scan("outcome") == []
    assert await store.record_outcomes(said[1:]) == ()
    await record_outcome(store, Outcome(decision_id="d-1", at=3.0, tokens_in=8))  # whoever runs it
    kept = [from_row("outcome", row) for _, row in await store.scan("outcome")]
    assert [(one.decision_id, one.cost, one.owner) for one in kept] == [
        ("d-2", 2.0, None),
        ("d-1", 4.0, "ann"),
    ]
    assert kept[1].tokens_in == 8
    assert (await store.statistics()).cost == 6.0


async def promise_an_outcome_names_a_bounded_number_of_models(open_store):
    """Three reports of ten names each: what it names stays, and it can still be read."""
    store = await open_store()
    await store.record_routings([decision(1), decision(2)])
    for part in range(3):
        scores = {f"m-{10 * part + n}": 0.5 for n in range(10)}
        await record_outcome(store, Outcome(decision_id="d-1", at=part, scores=scores, cost=part))
    again = {f"m-{n}": 1.0 for n in range(10)}
    await record_outcome(store, Outcome(decision_id="d-1", at=5.0, scores=again))
    ((_, row),) = await store.scan("outcome")
    kept = from_row("outcome", row)
    assert (kept.scores, kept.cost, kept.at) == (again, 2.0, 5.0)
