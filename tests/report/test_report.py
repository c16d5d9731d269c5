"""The report: what it counts, what it promises, what it says it does not know."""

import asyncio
import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from report.histories import BEGUN, BUNDLE, MODELS, PRICES, fill, graded, observed

from tiny_dancer.calibration.calibrate import calibrate
from tiny_dancer.calibration.paired_outcome import PairedOutcome
from tiny_dancer.errors import PolicyError
from tiny_dancer.history import MemoryStore, SQLiteStore
from tiny_dancer.policy import Policy, Target
from tiny_dancer.report.comparison import compare, trace_curve
from tiny_dancer.report.evidence import read_evidence
from tiny_dancer.report.interval import bound_mean, bound_ratio
from tiny_dancer.report.report import Report, report_on


def report(store, policy=Policy(0.5), drift="steady") -> Report:  # noqa: B008
    evidence = asyncio.run(read_evidence(store, BUNDLE, MODELS))
    return report_on(evidence, BUNDLE, policy, BEGUN, drift)


@pytest.fixture(scope="module")
def filled() -> tuple[MemoryStore, list[tuple]]:
    store = MemoryStore()
    return store, asyncio.run(fill(store, 6_000, 5))


def test_it_counts_what_a_recount_counts(filled):
    store, pairs = filled
    said = report(store).to_dict()
    scores = [row[1][9] for row in asyncio.run(store.scan("decision", 0, 10_000))]
    assert said["traffic"]["requests"] == said["traffic"]["observed"] == 6_000
    assert said["traffic"]["would_light_share"] == sum(s <= 0.5 for s in scores) / 6_000
    assert said["pairs"] == {"n": 1_200, "ungraded": 0, "graded_by": {"judge:j": 1_200}}
    kept = sum(w if s <= 0.5 else q for s, w, q in pairs) / sum(q for _, _, q in pairs)
    router = said["quality"]["router"]
    assert router["kept"]["estimate"] == pytest.approx(kept, abs=1e-4)
    light = sum(s <= 0.5 for s, _, _ in pairs) / len(pairs)
    cost = 1_000 * (light * PRICES[0] + (1 - light) * PRICES[1])
    assert router["cost_per_1000"] == pytest.approx(cost)
    mix = said["quality"]["static_mix"]
    assert mix["cost_per_1000"] == pytest.approx(cost) and mix["light_share"] == pytest.approx(
        light, abs=1e-4
    )
    assert said["quality"]["gain_over_mix"]["interval"][0] > 0  # scores do tell something
    json.dumps(said)


def test_money_is_net_of_shadow_and_judge(filled):
    store, pairs = filled
    money = report(store).to_dict()["money"]
    n = len(pairs)
    assert money == {
        "cost": 4.0 * n,
        "shadow": 0.25 * n,
        "judge": 0.5 * n,
        "gross": 0.0,  # observe: nothing went light
        "net": -0.75 * n,
    }


def test_certificates_share_delta_and_are_those_of_calibrate(filled):
    store, pairs = filled
    found = report(store)
    outcomes = asyncio.run(read_evidence(store, BUNDLE, MODELS)).pairs
    assert len(outcomes) == len(pairs)
    assert sum(promise.delta for promise in found.promises) == pytest.approx(0.05)
    for promise in found.promises:
        wish = Target("quality_kept", promise.target)
        policy = calibrate(outcomes, wish, bundle_hash=BUNDLE, date="2023-11-14", delta=0.05 / 3)
        assert promise.policy is not None and promise.policy.threshold == policy.threshold
        share = found.evidence.traffic.light_share_at(policy.threshold)
        assert promise.light_share == share and 0.2 < share < 0.8
    assert found.verdict.startswith("Safe to switch on at 95%: ")
    assert "with 95% confidence" in found.verdict


def test_too_few_pairs_are_a_number_missing():
    store = MemoryStore()
    asyncio.run(fill(store, 300, 10))
    found = report(store)
    assert all(promise.policy is None for promise in found.promises)
    said = found.to_dict()["certificates"]
    assert [one["target"] for one in said] == [0.9, 0.95, 0.98]
    assert all(one["missing_at_least"] > 0 for one in said)
    assert found.verdict.startswith("Not yet: for 90% some ")


def test_an_empty_history_is_not_known():
    found = report(MemoryStore())
    said = found.to_dict()
    assert said["traffic"]["requests"] == 0 and said["quality"] is None
    assert found.verdict.startswith("Not known yet: no prompt")


def test_ungraded_pairs_are_the_worst_case_and_are_counted():
    async def spoil(share: float) -> MemoryStore:
        store, draw = MemoryStore(), random.Random(2)
        await fill(store, 3_000, 2)
        lost = [graded(n, None, None) for n in range(1, 3_000, 2) if draw.random() < share]
        await store.record_outcomes(lost)
        return store

    few, many = (report(asyncio.run(spoil(share))) for share in (0.0, 0.2))
    assert few.evidence.ungraded == 0 < many.evidence.ungraded
    assert many.promises[1].light_share < few.promises[1].light_share / 2
    assert any("could not be graded" in one for one in many.unknowns)


def test_an_alarm_is_said_before_all_else(filled):
    found = report(filled[0], drift="alarm")
    assert found.verdict.startswith("Not safe now: ") and found.to_dict()["drift"] == "alarm"


def test_a_shadow_that_costs_more_than_it_saves_is_said():
    store = MemoryStore()

    async def run() -> None:
        await fill(store, 6_000, 5)
        dear = [graded(n, None, None, graded_by=None, judge_cost=20.0) for n in range(0, 6_000, 5)]
        await store.record_outcomes(dear)

    asyncio.run(run())
    assert "more than it saves" in report(store).verdict


def test_what_is_not_known_is_said():
    store = MemoryStore()

    async def run() -> None:
        await fill(store, 500, 5)
        await store.record_routings(
            [
                observed(9_001, 0.2, reason="forced", would=None, would_reason=None),
                observed(9_002, 0.2, bundle_hash="c" * 64),
                observed(9_003, 0.2, prompt_hash=f"{0:032x}"),  # asked before
            ]
        )
        repeat = graded(9_003, 1.0, 1.0)
        await store.record_outcomes([graded(9_002, 1.0, 1.0), repeat])
        await store.record_outcomes([graded(5, 1.0, 0.0, graded_by="people", cost=None)])

    asyncio.run(run())
    said = " ".join(report(store).unknowns)
    for part in (
        "Other traffic than that of 2023-11-14",
        "1 requests named a model",
        "as marked by j and, for 1 pairs, by people",
        "1 outcomes were scored by another bundle",
        "1 pairs repeat a prompt",
    ):
        assert part in said, said


def test_prompts_that_no_policy_sends_light_are_no_light_share():
    store = MemoryStore()
    doubtful = [observed(n, 0.1, would="powerful", would_reason="unfamiliar_input") for n in (1, 2)]
    asyncio.run(store.record_routings(doubtful))
    assert report(store).evidence.traffic.light_share_at(0.5) == 0.0


def test_a_history_of_more_than_two_models_is_refused():
    with pytest.raises(PolicyError, match="two models"):
        asyncio.run(read_evidence(MemoryStore(), BUNDLE, ("a", "b", "c")))


def test_sqlite_and_memory_say_the_same(filled, tmp_path):
    async def copy() -> Report:
        store = SQLiteStore(tmp_path / "h.db")
        for kind in ("decision", "outcome"):
            await store.put(kind, [row for _, row in await filled[0].scan(kind, 0, 10_000)])
        try:
            return report_on(await read_evidence(store, BUNDLE, MODELS), BUNDLE, Policy(0.5), BEGUN)
        finally:
            await store.close()

    assert asyncio.run(copy()).to_dict() == replace(report(filled[0]), drift="unknown").to_dict()


def test_without_costs_the_mix_has_the_routers_share():
    pairs = [PairedOutcome((n / 10,), (1.0, 1.0), (), str(n)) for n in range(10)]
    found = compare(pairs, 0.45, MODELS)
    assert found is not None and found.mix.light_share == found.router.light_share == 0.5
    assert found.router.cost is None
    assert trace_curve(pairs)[0] == (1.0, 1.0) and trace_curve(pairs)[-1][0] == pytest.approx(0.0)


def test_costs_and_quality_are_of_the_same_pairs():
    graded_pairs = [PairedOutcome((n / 10,), (1.0, 1.0), (1.0, 5.0), str(n)) for n in range(10)]
    dear = [PairedOutcome((0.0,), None, (70.0, 90.0), f"ungraded {n}") for n in range(5)]
    found = compare(graded_pairs + dear, 0.45, MODELS)
    assert found == compare(graded_pairs, 0.45, MODELS)
    assert found is not None and found.router.cost == pytest.approx(3_000)
    curve = trace_curve(graded_pairs + dear)
    assert found.singles[1].cost == curve[0][0] and any(
        cost == pytest.approx(found.router.cost) for cost, _ in curve
    )


def test_a_graded_pair_of_unknown_cost_leaves_all_costs_unknown():
    pairs = [PairedOutcome((n / 10,), (1.0, 1.0), (1.0, 5.0), str(n)) for n in range(10)]
    found = compare([*pairs, PairedOutcome((0.2,), (1.0, 1.0))], 0.45, MODELS)
    assert found is not None and [one.cost for one in found.choices] == [None] * 4


@pytest.mark.parametrize("n", [30, 300])
def test_intervals_hold_at_95_percent(n):
    """Of 300 draws at most 5 % may miss; 26 is four standard deviations above 15."""
    draw, missed = random.Random(n), Counter[str]()
    for _ in range(300):
        powerful = [float(draw.random() < 0.9) for _ in range(n)]
        light = [float(draw.random() < 0.7) for _ in range(n)]
        mean, ratio = bound_mean(light), bound_ratio(light, powerful)
        missed["mean"] += not mean.low <= 0.7 <= mean.high
        missed["ratio"] += not ratio.low <= 0.7 / 0.9 <= ratio.high
        assert mean.low <= mean.estimate <= mean.high
    assert max(missed.values()) <= 26, missed


def test_intervals_shrink_and_never_to_nothing():
    widths = []
    for n in (20, 200, 2_000):
        found = bound_mean([1.0] * n)
        widths.append(found.high - found.low)
        assert found.high == 1.0 and found.low < 1.0
    assert widths[0] > 3 * widths[1] > 9 * widths[2]
    assert bound_mean([]) is None and bound_ratio([1.0], [0.0]) is None


def test_who_marked_is_counted_by_distinct_prompts():
    store = MemoryStore()

    async def read():
        hashes = ["a" * 32, "a" * 32, "b" * 32]
        await store.record_routings(
            [observed(n, 0.1, prompt_hash=name) for n, name in enumerate(hashes)]
        )
        await store.record_outcomes([graded(n, 1.0, 1.0) for n in range(3)])
        return await read_evidence(store, BUNDLE, MODELS)

    found = asyncio.run(read())
    assert len(found.pairs) == 2 and found.sources == {"judge:j": 2}
