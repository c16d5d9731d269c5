"""Two monitors of a certified policy: how often they are wrong, and what they are made of.

The long version, over real prompts, is `python -m tiny_dancer.evaluate.trust`.
"""

import json
import random
from dataclasses import replace

import pytest

from tiny_dancer.calibration.paired_outcome import PairedOutcome
from tiny_dancer.drift import Monitors
from tiny_dancer.drift.capital import BLOCK, Capital
from tiny_dancer.drift.loss import gains_of
from tiny_dancer.drift.scores import Bag, uniform_of
from tiny_dancer.errors import StoreCorruptError
from tiny_dancer.policy import Certificate, Policy, Target

stats = pytest.importorskip("scipy.stats")

RATE = 0.1
"""Of both monitors together, so that each is wrong in one run of twenty at most."""
CERTIFICATE = Certificate(
    rate="quality_kept",
    alpha=0.9,
    delta=0.05,
    n=1000,
    bound="betting",
    method="learn then test",
    data_hash="d" * 64,
    bundle_hash="b" * 64,
    date="2026-01-31",
)
POLICY = Policy(0.0, Target("quality_kept", 0.9), None, CERTIFICATE, "b" * 64)


def outcome(draw: random.Random, light: float, powerful: float = 1.0) -> PairedOutcome:
    """A prompt, half of them light; the models are right this often."""
    score = draw.choice((-0.5, 0.5))
    quality = (float(draw.random() < light), float(draw.random() < powerful))
    return PairedOutcome((score,), quality, prompt=f"{draw.getrandbits(64):016x}")


def find_alarm(monitors: Monitors, outcomes: list[PairedOutcome]) -> int | None:
    """How many outcomes it took."""
    for n, one in enumerate(outcomes, 1):
        monitors.take_outcome(one, float(n), str(n))
        if monitors.read().loss.since is not None:
            return n
    return None


def test_a_target_that_just_holds_is_alarmed_about_in_one_run_of_twenty_at_most():
    # The worst case: half go light, where 20 % fail, so exactly .9 is kept. 500 graded outcomes.
    draw, alarms, runs = random.Random(1), 0, 120
    for _ in range(runs):
        stream = [outcome(draw, 0.8) for _ in range(500)]
        alarms += find_alarm(Monitors(POLICY, RATE), stream) is not None
    assert alarms <= stats.binom.ppf(0.999, runs, RATE / 2)


def test_a_light_model_that_got_worse_is_found_late_in_a_stream():
    draw, delays = random.Random(2), []
    for _ in range(20):
        monitors = Monitors(POLICY)
        assert find_alarm(monitors, [outcome(draw, 0.9) for _ in range(1_000)]) is None
        found = find_alarm(monitors, [outcome(draw, 0.4) for _ in range(600)])
        delays.append(found if found is not None else 10_000)
    assert sorted(delays)[len(delays) // 2] < 200


def test_other_scores_warn_and_never_switch():
    monitors, draw = Monitors(POLICY), random.Random(3)
    for n in range(1_000):
        monitors.take_score(draw.gauss(0.0, 0.1), f"a-{n}", 1.0)
    assert monitors.read().state == "steady"
    for n in range(400):
        monitors.take_score(draw.gauss(0.2, 0.1), f"b-{n}", 2.0)
    drift = monitors.read()
    assert (drift.state, drift.scores.since, drift.loss.since) == ("warning", 2.0, None)


def test_exchangeable_scores_warn_in_one_run_of_twenty_at_most():
    draw, warnings, runs = random.Random(4), 0, 80
    for run in range(runs):
        monitors = Monitors(POLICY, RATE)
        for n in range(500):
            monitors.take_score(draw.choice((-0.1, 0.0, 0.3)), f"{run}-{n}", 1.0)
        warnings += monitors.read().scores.since is not None
    assert warnings <= stats.binom.ppf(0.999, runs, RATE / 2)


def test_the_same_prompt_and_an_ungraded_pair_add_no_evidence():
    monitors = Monitors(POLICY)
    bad = PairedOutcome((-0.5,), (0.0, 1.0), prompt="p" * 32)
    for n in range(100):
        monitors.take_outcome(bad, 1.0, f"a-{n}")
        monitors.take_outcome(PairedOutcome((-0.5,), None), 1.0, f"b-{n}")
    assert monitors.read().loss.n == 1


def test_without_a_hash_of_the_prompt_a_decision_counts_once():
    monitors = Monitors(POLICY)
    for n in (1, 1, 2, 11, 2, 11):  # names that begin alike
        monitors.take_outcome(PairedOutcome((-0.5,), (0.0, 1.0)), 1.0, f"0123456789-{n}")
        monitors = Monitors.from_json(monitors.to_json(), POLICY)
    assert monitors.read().loss.n == 3


@pytest.mark.parametrize("measure", ["quality_kept", "regret", "joint", "selective", "cost"])
def test_a_bet_gains_at_most_nothing_on_average_where_the_target_just_holds(measure):
    target = Target(measure, {"quality_kept": 0.8, "cost": 200.0}.get(measure, 0.2))
    # One of five light answers fails, and money for 1,000 prompts is 200.
    rows = [
        PairedOutcome((-1.0,), (float(n > 0), 1.0), cost=(float(n == 0), 1.0)) for n in range(5)
    ]
    gains = [gains_of(row, target, 0.0) for row in rows]
    for bet in zip(*gains, strict=True):
        assert sum(bet) / len(bet) == pytest.approx(1.0)
        assert min(bet) >= 0 and max(bet) > 1


def test_missed_failures_look_at_failures_alone():
    target = Target("missed_failures", 0.2)
    assert gains_of(PairedOutcome((-1.0,), (1.0, 1.0)), target, 0.0) is None
    assert max(gains_of(PairedOutcome((-1.0,), (0.0, 1.0)), target, 0.0)) > 1


def test_money_that_enters_sums_to_one():
    capital = Capital([0.0, 0.0])
    for _ in range(10 * BLOCK):
        capital.add([1.0, 1.0])
        assert capital.value == pytest.approx(1.0)


def test_p_values_are_smoothed_ranks():
    bag, scores = Bag(), [0.5, 0.1, 0.5, 0.9, -2.0, 2.0]
    found = [bag.add(score, 0.25) for score in scores]
    want = []
    for n, score in enumerate(scores, 1):
        above = sum(other > score for other in scores[:n])
        want.append((above + 0.25 * scores[:n].count(score)) / n)
    assert found == want
    assert 0 <= uniform_of("a") < 1 and uniform_of("a") == uniform_of("a") != uniform_of("b")


def test_what_is_kept_goes_on_where_it_stopped():
    draw = random.Random(5)
    stream = [outcome(draw, 0.6) for _ in range(300)]
    whole, parts = Monitors(POLICY), Monitors(POLICY)
    for n, one in enumerate(stream):
        for monitors in (whole, parts):
            monitors.take_outcome(one, float(n), str(n))
            monitors.take_score(one.scores[0], str(n), float(n))
        parts = Monitors.from_json(parts.to_json(), POLICY)
    assert parts.read() == whole.read()
    assert Monitors.from_json(parts.to_json(), replace(POLICY, threshold=0.25)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 2),
        ("loss", {"n": -1, "capital": [0.0] * 5}),
        ("scores", {"n": 1, "capital": [0.0]}),
        ("bag", {"5000": 1}),
        ("bag", []),
        ("alarm_at", "now"),
        ("outcomes_to", 1.5),
    ],
    ids=["version", "count", "bets", "bin", "bag", "time", "number"],
)
def test_damaged_monitors_are_refused_by_name(name, value):
    raw = {**json.loads(Monitors(POLICY).to_json()), name: value}
    with pytest.raises(StoreCorruptError, match="drift"):
        Monitors.from_json(json.dumps(raw), POLICY)
    with pytest.raises(StoreCorruptError, match="drift"):
        Monitors.from_json("{}", POLICY)
