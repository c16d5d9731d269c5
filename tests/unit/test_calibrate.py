"""What `calibrate` promises of a policy, and what it says where it cannot make one."""

import json
import random
from dataclasses import replace

import pytest

from tiny_dancer import InvalidInputError, PolicyError
from tiny_dancer.calibration.calibrate import calibrate, check_certificate
from tiny_dancer.calibration.paired_outcome import PairedOutcome, select_distinct
from tiny_dancer.calibration.sequence import choose_at, events_of
from tiny_dancer.errors import NotEnoughData
from tiny_dancer.policy import Policy, Target
from tiny_dancer.report.evidence import Evidence
from tiny_dancer.report.promise import find_promise
from tiny_dancer.report.verdict import give_verdict

KEEP = Target("quality_kept", 0.95)
MADE = {"bundle_hash": "b" * 64, "date": "2026-01-31"}


def drawn(n, seed=0):
    """Prompts whose score tells how likely the light model fails; the powerful one is better."""
    draw, found = random.Random(seed), []
    for _ in range(n):
        score = draw.random()
        light = float(draw.random() > 0.1 + 0.6 * score)
        powerful = float(light or draw.random() < 0.9)
        found.append(PairedOutcome((score,), (light, powerful)))
    return found


def kept(policy, outcomes):
    routed = sum(o.quality[0 if o.scores[0] <= policy.threshold else 1] for o in outcomes)
    return routed / sum(o.quality[1] for o in outcomes)


def test_a_policy_carries_all_that_its_certificate_rests_on():
    outcomes = drawn(1_000)
    policy = calibrate(outcomes, KEEP, delta=0.1, **MADE)
    certificate = policy.certificate
    assert (certificate.rate, certificate.alpha, certificate.delta) == ("quality_kept", 0.95, 0.1)
    assert (certificate.n, certificate.bound, certificate.date) == (1_000, "betting", "2026-01-31")
    assert certificate.bundle_hash == policy.bundle_hash == "b" * 64
    assert 0 < policy.estimate.light_share < 1
    assert policy.estimate.quality_kept == pytest.approx(kept(policy, outcomes), abs=1e-6)
    assert Policy.from_json(policy.to_json()) == policy
    assert check_certificate(policy, outcomes, "b" * 64) == certificate
    with pytest.raises(AttributeError):
        policy.threshold = 2.0


def test_the_order_of_the_outcomes_changes_nothing():
    outcomes = drawn(500)
    shuffled = random.Random(3).sample(outcomes, len(outcomes))
    assert calibrate(outcomes, KEEP, **MADE) == calibrate(shuffled, KEEP, **MADE)


def test_a_certificate_is_refused_for_other_outcomes_or_another_bundle():
    outcomes = drawn(1_000)
    policy = calibrate(outcomes, KEEP, **MADE)
    with pytest.raises(PolicyError, match="bundle_hash is bbbbbbbbbbbb…, these have cccccccccccc…"):
        check_certificate(policy, outcomes, "c" * 64)
    with pytest.raises(PolicyError, match="data_hash"):
        check_certificate(policy, outcomes[1:], "b" * 64)
    with pytest.raises(PolicyError, match="this policy has none"):
        check_certificate(replace(policy, certificate=None), outcomes, "b" * 64)


def test_thirty_outcomes_and_a_wish_for_two_percent_are_refused_with_the_number_missing():
    good = [PairedOutcome((i / 30,), (1.0, 1.0)) for i in range(30)]
    with pytest.raises(NotEnoughData) as caught:
        calibrate(good, Target("joint", 0.02), **MADE)
    missing = caught.value.fewest
    assert caught.value.at_this_rate == missing > 0
    assert str(caught.value) == (
        f"joint 0.02: {missing:,} further outcomes are missing if none loses anything, "
        f"{missing:,} at the rate so far"
    )
    more = [PairedOutcome((i / 1000,), (1.0, 1.0)) for i in range(30 + missing)]
    assert calibrate(more, Target("joint", 0.02), **MADE).certificate.n == 30 + missing
    with pytest.raises(NotEnoughData):
        calibrate(more[:-1], Target("joint", 0.02), **MADE)


@pytest.mark.parametrize(
    "outcomes",
    [
        [PairedOutcome((0.3,), (1.0, 0.0), (), "one and the same")] * 60,
        [
            PairedOutcome(
                (draw.random(),), (float(draw.random() < 0.5), float(draw.random() < 0.5))
            )
            for draw in [random.Random(6)]
            for _ in range(60)
        ],
    ],
    ids=["light better on one prompt", "marks at random"],
)
def test_the_best_case_misses_no_more_than_the_rate_so_far(outcomes):
    with pytest.raises(NotEnoughData) as caught:
        calibrate(outcomes, KEEP, **MADE)
    error = caught.value
    assert error.at_this_rate is not None
    assert error.fewest is not None and 0 < error.fewest <= error.at_this_rate
    assert "no number" not in str(error)
    promise = find_promise(select_distinct(outcomes), 0.95, "b" * 64, "2026-01-31")
    assert promise.fewest is not None and 0 < promise.fewest <= promise.at_this_rate
    assert f"{promise.fewest:,} at least" in give_verdict(
        Evidence(("light", "powerful"), pairs=outcomes), [promise], Policy(0.5), "unknown"
    )


@pytest.mark.parametrize("bound", ["betting", "clopper-pearson", "hoeffding-bentkus"])
@pytest.mark.parametrize("measure", ["joint", "missed_failures"])
def test_the_number_missing_at_this_rate_is_enough_where_the_rate_stays(bound, measure):
    few = [PairedOutcome((i / 40,), (float(i % 10 > 0), 1.0)) for i in range(1, 40)]
    goal = Target(measure, 0.05 if measure == "joint" else 0.3)
    with pytest.raises(NotEnoughData) as caught:
        calibrate(few, goal, bound=bound, **MADE)
    fewest = caught.value.fewest
    assert fewest > 0
    clean = [
        PairedOutcome((1.5,), (0.0, 1.0) if i % 10 == 0 else (1.0, 1.0)) for i in range(fewest)
    ]
    assert calibrate([*few, *clean], goal, bound=bound, **MADE).threshold >= 1 / 40


def test_a_rate_that_is_not_kept_so_far_needs_a_better_rate_not_more_of_the_same():
    bad = [PairedOutcome((i / 100,), (0.0, 1.0)) for i in range(100)]
    with pytest.raises(NotEnoughData, match="at the rate so far no number would do") as caught:
        calibrate(bad, KEEP, **MADE)
    assert caught.value.fewest > 0 and caught.value.at_this_rate is None


def test_without_an_outcome_of_both_models_nothing_is_said_of_a_rate():
    needed = r"quality_kept .*: none counts yet: \d+ further outcomes with a score of every model"
    with pytest.raises(NotEnoughData, match=needed):
        calibrate([], KEEP, **MADE)


def test_no_outcomes_are_too_few():
    with pytest.raises(NotEnoughData) as caught:
        calibrate([], Target("joint", 0.05), **MADE)
    assert caught.value.fewest > 50


def test_asking_the_same_prompt_again_is_no_evidence():
    one = PairedOutcome((0.1,), (1.0, 1.0), prompt="h1")
    with pytest.raises(NotEnoughData):
        calibrate([one] * 5_000, KEEP, **MADE)
    outcomes = [replace(o, prompt=str(i)) for i, o in enumerate(drawn(600))]
    assert calibrate(outcomes * 2, KEEP, **MADE) == calibrate(outcomes, KEEP, **MADE)


def test_pairs_that_could_not_be_graded_count_as_the_worst_case():
    outcomes = drawn(1_000)
    goals = (KEEP, Target("joint", 0.1), Target("regret", 0.1), Target("missed_failures", 0.2))
    for goal in goals:
        plain = calibrate(outcomes, goal, **MADE)
        some = [replace(o, quality=None) if i % 20 == 0 else o for i, o in enumerate(outcomes)]
        left_out = [o for i, o in enumerate(outcomes) if i % 20]
        careful = calibrate(some, goal, **MADE)
        assert careful.threshold < calibrate(left_out, goal, **MADE).threshold
        assert careful.threshold < plain.threshold
        assert careful.certificate.n == 1_000


def test_a_higher_target_never_sends_more_light():
    outcomes = drawn(3_000)
    shares = [
        calibrate(outcomes, Target("quality_kept", q), **MADE).estimate.light_share
        for q in (0.8, 0.9, 0.95)
    ]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]


def test_with_more_outcomes_more_is_certified():
    shares = [calibrate(drawn(n), KEEP, **MADE).estimate.light_share for n in (300, 3_000, 30_000)]
    assert shares == sorted(shares) and shares[0] < shares[-1]


def test_money_goes_to_the_powerful_model_as_far_as_the_budget_is_shown_to_last():
    costs = [replace(o, cost=(0.001, 0.01)) for o in drawn(2_000)]
    policy = calibrate(costs, Target("cost", 5.0), largest_cost=0.02, **MADE)
    light = policy.estimate.light_share
    assert 1000 * (light * 0.001 + (1 - light) * 0.01) <= 5.0
    assert light < 0.75  # of 0.556 that the budget itself needs
    richer = calibrate(costs, Target("cost", 8.0), largest_cost=0.02, **MADE)
    assert richer.estimate.light_share < light
    everything = calibrate(costs, Target("cost", 15.0), largest_cost=0.02, **MADE)
    assert everything.threshold == -2.0 and everything.estimate.light_share == 0
    with pytest.raises(NotEnoughData, match="no number of further outcomes"):
        calibrate(costs, Target("cost", 0.5), largest_cost=0.02, **MADE)


def test_a_cost_needs_costs_and_their_bound():
    costs = [replace(o, cost=(0.001, 0.01)) for o in drawn(50)]
    with pytest.raises(InvalidInputError, match="largest_cost"):
        calibrate(costs, Target("cost", 5.0), **MADE)
    with pytest.raises(InvalidInputError, match=r"outcome 0: a cost of 0\.01, largest_cost is 0"):
        calibrate(costs, Target("cost", 5.0), largest_cost=0.005, **MADE)
    with pytest.raises(InvalidInputError, match="outcome 0: the cost of every model"):
        calibrate(drawn(50), Target("cost", 5.0), largest_cost=0.02, **MADE)


def test_three_models_are_tested_along_one_threshold():
    draw, outcomes = random.Random(2), []
    for _ in range(4_000):
        tiny, mini = draw.random(), draw.random() * 0.6
        quality = (float(draw.random() > tiny), float(draw.random() > mini / 2), 1.0)
        outcomes.append(PairedOutcome((tiny, mini), quality))
    policy = calibrate(outcomes, Target("quality_kept", 0.9), **MADE)
    chosen = choose_at([o.scores for o in outcomes], policy.threshold)
    routed = sum(o.quality[m] for o, m in zip(outcomes, chosen, strict=True))
    assert routed / len(outcomes) >= 0.9
    assert len(set(chosen)) == 3
    assert calibrate(outcomes, Target("joint", 0.08), **MADE).estimate.light_share > 0.1
    with pytest.raises(PolicyError, match="two models"):
        calibrate(outcomes, Target("missed_failures", 0.1), **MADE)
    with pytest.raises(PolicyError, match="two models"):
        calibrate(outcomes, Target("joint", 0.1), bound="conformal risk control", **MADE)


def test_choices_change_along_the_sequence_as_the_threshold_does():
    draw = random.Random(8)
    scores = [tuple(draw.randrange(20) / 16 for _ in range(3)) for _ in range(50)]
    choice = [3] * 50
    events = events_of(scores)
    for at, (score, i, old, new) in enumerate(events):
        assert choice[i] == old > new
        choice[i] = new
        if at + 1 == len(events) or events[at + 1][0] > score:
            assert choice == choose_at(scores, score)


def test_selective_starts_by_scores_outside_the_sample():
    outcomes = drawn(3_000)
    outside = [o.scores[0] for o in drawn(2_000, seed=9)]
    policy = calibrate(outcomes, Target("selective", 0.35), outside=outside, **MADE)
    sent = [o for o in outcomes if o.scores[0] <= policy.threshold]
    assert sum(o.quality[0] < 0.5 for o in sent) / len(sent) < 0.35
    assert "one look" in policy.certificate.method
    with pytest.raises(InvalidInputError, match="outside"):
        calibrate(outcomes, Target("selective", 0.35), **MADE)
    with pytest.raises(NotEnoughData) as caught:
        calibrate(outcomes[:20], Target("selective", 0.35), outside=outside, **MADE)
    assert caught.value.at_this_rate > caught.value.fewest > 0


def test_in_expectation_more_goes_light_than_with_a_probability():
    outcomes = drawn(1_000)
    for measure, alpha in (("joint", 0.1), ("regret", 0.1), ("missed_failures", 0.3)):
        target = Target(measure, alpha)
        crc = calibrate(outcomes, target, bound="conformal risk control", **MADE)
        assert crc.threshold > calibrate(outcomes, target, **MADE).threshold
        assert crc.certificate.method == "in expectation"
    with pytest.raises(NotEnoughData) as caught:
        calibrate(outcomes[:8], Target("joint", 0.1), bound="conformal risk control", **MADE)
    assert caught.value.fewest == 1 and caught.value.at_this_rate is None
    for measure in ("selective", "quality_kept"):
        with pytest.raises(PolicyError, match="rises with the threshold"):
            calibrate(outcomes, Target(measure, 0.5), bound="conformal risk control", **MADE)


def test_a_bound_that_does_not_fit_is_refused_by_name():
    outcomes = drawn(100)
    with pytest.raises(PolicyError, match="one of betting, clopper-pearson, hoeffding-bentkus"):
        calibrate(outcomes, KEEP, bound="bonferroni", **MADE)
    with pytest.raises(PolicyError, match="this target needs betting"):
        calibrate(outcomes, KEEP, bound="clopper-pearson", **MADE)
    fractional = [replace(o, quality=(0.3, 0.8)) for o in outcomes]
    with pytest.raises(PolicyError, match="fractional"):
        calibrate(fractional, Target("regret", 0.1), bound="clopper-pearson", **MADE)
    with pytest.raises(InvalidInputError, match="delta"):
        calibrate(outcomes, KEEP, delta=0.0, **MADE)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"scores": ()}, "scores"),
        ({"scores": (3.0,)}, "scores"),
        ({"scores": (float("nan"),)}, "scores"),
        ({"quality": (1.0,)}, "quality: 2 numbers"),
        ({"quality": (1.0, 1.5)}, "quality"),
        ({"cost": (1.0,)}, "cost: 2 amounts"),
        ({"cost": (-1.0, 1.0)}, "cost"),
    ],
)
def test_what_is_no_outcome_is_refused(fields, fault):
    with pytest.raises(InvalidInputError, match=fault):
        PairedOutcome(**{"scores": (0.5,), "quality": (1.0, 1.0), **fields})


def test_outcomes_of_different_numbers_of_models_are_refused():
    mixed = [PairedOutcome((0.5,), (1.0, 1.0)), PairedOutcome((0.5, 0.5), (1.0, 1.0, 1.0))]
    with pytest.raises(InvalidInputError, match="outcome 1: 3 models, those before it have 2"):
        calibrate(mixed, KEEP, **MADE)


def test_a_policy_is_json_of_the_written_form():
    raw = json.loads(calibrate(drawn(1_000), KEEP, **MADE).to_json())
    assert set(raw) == {"version", "threshold", "target", "estimate", "certificate", "bundle_hash"}
    raw["certificate"]["alpha"] = 1.5
    with pytest.raises(PolicyError, match="alpha"):
        Policy.from_dict(raw)


@pytest.mark.parametrize("seed", range(5))
def test_the_sequence_stops_where_that_of_mapie_does(seed):
    np = pytest.importorskip("numpy")
    risk_control = pytest.importorskip("mapie.risk_control")
    from mapie.risk_control.methods import compute_hoeffding_bentkus_p_value

    outcomes = sorted(drawn(400, seed), key=lambda o: o.scores)
    lost = np.cumsum([float(o.quality[0] < 0.5) for o in outcomes])
    p_values = compute_hoeffding_bentkus_p_value(lost / 400, 400, 0.1)[:, 0]
    theirs = risk_control.control_fwer(p_values, 0.1, "fixed_sequence")
    policy = calibrate(outcomes, Target("joint", 0.1), delta=0.1, bound="hoeffding-bentkus", **MADE)
    assert sum(o.scores[0] <= policy.threshold for o in outcomes) == len(theirs) > 0
