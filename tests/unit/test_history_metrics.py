"""Counters, their quantiles, and Prometheus' own parser on what is rendered."""

import random

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tiny_dancer.breaker.state import Mode
from tiny_dancer.history import Outcome
from tiny_dancer.history.readings.metrics import BOUNDS_US, RoutingCounters, RoutingMetrics
from tiny_dancer.history.readings.prometheus import render

ODD = 'gpt "4\\o"\nmini'


def filled() -> RoutingMetrics:
    counters = RoutingCounters()
    for n in range(10):
        counters.count_decision("light", "below_threshold", True, 20.0 + n)
    for _ in range(5):
        counters.count_decision(ODD, "above_threshold", False, None)
    counters.count_decision("light", "below_threshold", True, 2e6)
    for money in ({"cost": 0.25, "cost_powerful": 1.0}, {"cost": 0.5}, {}):
        counters.count_outcome(Outcome(decision_id="d", at=1.0, **money))
    counters.count_outcome(Outcome(decision_id="d", at=1.0, shadow_cost=0.125, judge_cost=0.0625))
    counters.count_transition("light", Mode.OPEN)
    modes = {"light": Mode.OPEN, "powerful": Mode.CLOSED}
    return counters.read(modes, dropped=3, unknown_outcomes=1, queued=7, store_failing=True)


def parsed(metrics: RoutingMetrics) -> dict:
    return {family.name: family for family in text_string_to_metric_families(render(metrics))}


def values(family) -> dict:
    return {tuple(s.labels.values()): s.value for s in family.samples}


def test_prometheus_reads_every_family() -> None:
    found = parsed(filled())
    assert values(found["tiny_dancer_decisions"]) == {
        ("light", "below_threshold"): 11.0,
        (ODD, "above_threshold"): 5.0,
    }
    assert values(found["tiny_dancer_light_decisions"]) == {(): 11.0}
    states = values(found["tiny_dancer_breaker_state"])
    assert {key for key, value in states.items() if value} == {
        ("light", "open"),
        ("powerful", "closed"),
    }
    assert len(states) == 10
    assert values(found["tiny_dancer_breaker_transitions"]) == {("light", "open"): 1.0}
    assert values(found["tiny_dancer_outcomes"]) == {(): 4.0}
    assert values(found["tiny_dancer_cost_money"]) == {(): 0.75}
    assert values(found["tiny_dancer_saved_money"]) == {(): 0.5625}
    assert values(found["tiny_dancer_shadow_money"]) == {(): 0.125}
    assert values(found["tiny_dancer_judge_money"]) == {(): 0.0625}
    assert values(found["tiny_dancer_history_dropped_decisions"]) == {(): 3.0}
    assert values(found["tiny_dancer_history_unknown_outcomes"]) == {(): 1.0}
    assert values(found["tiny_dancer_history_queued_records"]) == {(): 7.0}
    assert values(found["tiny_dancer_history_store_up"]) == {(): 0.0}


def test_latency_is_a_histogram_in_seconds() -> None:
    family = parsed(filled())["tiny_dancer_decision_duration_seconds"]
    assert family.type == "histogram"
    buckets = [(s.labels["le"], s.value) for s in family.samples if s.name.endswith("_bucket")]
    bounds = [float(bound) for bound, _ in buckets]
    assert bounds == sorted(bounds) and bounds[:-1] == [b / 1e6 for b in BOUNDS_US]
    assert buckets[-1] == ("+Inf", 11.0) and dict(buckets)["2e-05"] == 1.0
    sums = {s.name.rpartition("_")[2]: s.value for s in family.samples if not s.labels}
    assert sums == {"sum": pytest.approx((245 + 2e6) / 1e6), "count": 11.0}


@pytest.mark.parametrize("metrics", [RoutingCounters().read({}), filled()])
def test_counters_end_in_total_and_every_family_has_help(metrics: RoutingMetrics) -> None:
    for family in text_string_to_metric_families(render(metrics)):
        assert family.documentation.endswith(".")
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")


def test_shares_and_quantiles() -> None:
    metrics = filled()
    assert metrics.total == 16 and metrics.light_share == 11 / 16
    assert RoutingCounters().read({}).light_share is None
    assert RoutingCounters().read({}).latency_us == {0.5: None, 0.9: None, 0.99: None}
    assert metrics.latency_quantile(1.0) == BOUNDS_US[-1]


def test_quantiles_lie_in_their_bucket() -> None:
    draw, counters = random.Random(3), RoutingCounters()
    times = sorted(draw.lognormvariate(3, 1) for _ in range(5_000))
    for time in times:
        counters.count_decision("light", "r", True, time)
    for q, found in counters.read({}).latency_us.items():
        true = times[int(q * 5_000) - 1]
        bounds = (0.0, *BOUNDS_US)
        low = max(b for b in bounds if b < true)
        high = min(b for b in bounds if b >= true)
        assert low <= found <= high
