"""What every store promises of running totals."""

import random
from dataclasses import fields

from stores.samples import (
    candidate,
    decision,
)

from tiny_dancer.history.records import (
    Outcome,
    OutcomeRecord,
)
from tiny_dancer.history.records.codec import to_row
from tiny_dancer.history.records.statistics import COUNTED_SCORES


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
            owner=draw.choice([None, "one", "two"]),
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
            shadow_cost=draw.choice([None, draw.randrange(64) / 64]),
            judge_cost=draw.choice([None, draw.randrange(64) / 256]),
            cost_asked=draw.choice([None, draw.randrange(64) / 16]),
            graded_by=draw.choice([None, "people"]),
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
    for owner in ("one", "two"):
        mine = {name: one for name, one in made.items() if one.owner == owner}
        own = await store.statistics(owner)
        assert own.candidates == () and own.total_routes == len(mine)
        _check_money(own, mine, {name: one for name, one in said.items() if name in mine})
    await store.retain(before=0.0, keep=100)  # what is deleted for its age still counts
    statistics = await store.statistics()
    _check_totals(statistics, made, said, models)
    none = await store.statistics("nobody")
    assert (none.total_routes, none.cost, none.models) == (0, 0.0, ())


def _check_totals(statistics, made, said, models):
    times = [d.inference_time_us for d in made.values() if d.inference_time_us is not None]
    assert statistics.total_routes == 300
    assert statistics.lightweight_routes == sum(d.use_lightweight for d in made.values())
    assert statistics.lightweight_share == statistics.lightweight_routes / 300
    assert abs(statistics.average_latency_us - sum(times) / len(times)) < 1e-9
    _check_money(statistics, made, said)
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


def _check_money(statistics, made, said):
    both = [o for o in said.values() if o.cost is not None and o.cost_powerful is not None]
    asked = [o for o in said.values() if o.cost is not None and o.cost_asked is not None]
    assert statistics.lightweight_routes == sum(d.use_lightweight for d in made.values())
    assert statistics.outcomes == len(said)
    assert statistics.cost == sum(o.cost or 0 for o in said.values())
    shadow = sum(o.shadow_cost or 0 for o in said.values())
    judge = sum(o.judge_cost or 0 for o in said.values())
    assert (statistics.shadow_cost, statistics.judge_cost) == (shadow, judge)
    assert statistics.money_saved == sum(o.cost_powerful - o.cost for o in both) - shadow - judge
    on_asked = sum(o.cost_asked - o.cost for o in asked) - shadow - judge
    assert statistics.saved_on_asked == on_asked
    tokens = [(o.tokens_in or 0, o.tokens_out or 0) for o in said.values()]
    assert sum(m.tokens_in for m in statistics.models) == sum(one for one, _ in tokens)
    assert sum(m.tokens_out for m in statistics.models) == sum(two for _, two in tokens)


async def promise_an_empty_store_has_empty_statistics(open_store):
    statistics = await (await open_store()).statistics()
    assert (statistics.total_routes, statistics.cost, statistics.models) == (0, 0.0, ())
    assert statistics.lightweight_share is None and statistics.average_latency_us is None


async def promise_totals_stop_where_numbers_are_no_longer_exact(open_store):
    """Rows of an export with the largest numbers there are, and a small one after them."""
    store = await open_store()
    await store.record_routings([decision(n, model="light") for n in range(6)])
    largest = (1 << 53) - 1
    rows = [
        to_row(
            "outcome",
            OutcomeRecord(
                decision_id=f"old-{n}",
                at=1.0,
                model="light",
                use_lightweight=True,
                tokens_in=largest,
                tokens_out=largest,
                cost=1e15,
            ),
        )
        for n in range(1_100)
    ]
    assert await store.put("outcome", rows) == 1_100
    assert await store.record_outcomes([Outcome(decision_id="d-1", at=1.0, tokens_in=5)]) == ()
    (light,) = (await store.statistics()).models
    assert (light.tokens_in, light.tokens_out) == (largest, largest)
    assert len(await store.scan("outcome", 0, 2_000)) == 1_101


async def promise_names_that_are_made_up_leave_room_for_real_ones(open_store):
    store = await open_store()
    await store.insert_candidates([candidate(1)])
    for first in range(0, 11_000, 1_000):
        numbers = range(first, first + 1_000)
        await store.record_routings([decision(n, candidate_id=f"x-{n}") for n in numbers])
    real = decision(20_000, model="middle", candidate_id="c-1")
    await store.record_routings([real])
    said = [
        Outcome(decision_id=f"d-{n}", at=1.0, scores={f"m-{16 * n + k}": 1.0 for k in range(16)})
        for n in range(40)
    ]
    assert await store.record_outcomes(said) == ()
    middle = Outcome(decision_id="d-20000", at=1.0, scores={"middle": 1.0}, cost=1.0)
    assert await store.record_outcomes([middle]) == ()
    statistics = await store.statistics()
    assert statistics.total_routes == 11_001
    assert COUNTED_SCORES <= len(statistics.models) < COUNTED_SCORES + 16
    assert next(m for m in statistics.models if m.model == "middle").successes == 1
    # Three more, so that it is among the candidates that are named; of a model new to the store.
    later = [decision(30_000 + n, model="late", candidate_id="c-1") for n in range(3)]
    await store.record_routings(later)
    statistics = await store.statistics()
    assert next(m for m in statistics.models if m.model == "late").routes == 3
    best = statistics.candidates[0]
    assert (best.candidate_id, best.routes, best.scored) == ("c-1", 4, 1)
