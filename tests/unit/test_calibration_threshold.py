"""What thresholds do, by hand and against every other threshold; bounds beside scipy."""

import math
import random

import pytest
from random_bundle import random_bundle

from tiny_dancer.adapt.adapt import _ranks_lower
from tiny_dancer.calibration.interval import interval_table
from tiny_dancer.calibration.sweep import NOTHING_LIGHT, kept_and_share, sweep
from tiny_dancer.calibration.threshold import QUALITY_KEPT, estimate_policy, policy_for
from tiny_dancer.errors import PolicyError
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import read_bundle


def test_three_models_by_hand():
    # Prompt one: mini is the cheapest below 0.2, tiny from 0.5; prompt two: tiny from 0.1.
    scores = [(0.5, 0.2, 9.0), (0.1, 0.3, 9.0)]
    quality = [(0.0, 0.5, 1.0), (0.75, 1.0, 1.0)]
    points = sweep(scores, quality)
    assert [p.threshold for p in points] == [-2.0, 0.1, 0.2, 0.3, 0.5]
    assert [p.quality for p in points] == [1.0, 0.875, 0.625, 0.625, 0.375]
    assert [p.share for p in points] == [
        (0, 0, 1),
        (0.5, 0, 0.5),
        (0.5, 0.5, 0),
        (0.5, 0.5, 0),
        (1, 0, 0),
    ]


def test_the_policy_sends_most_away_that_keeps_the_quality():
    points = sweep([(0.1, 0), (0.2, 0), (0.4, 0), (0.9, 0)], [(1, 1), (1, 1), (0, 1), (0, 1)])
    policy = policy_for(points, 4)
    assert policy.threshold == pytest.approx(0.3)
    assert (policy.estimate.quality_kept, policy.estimate.light_share, policy.estimate.n) == (
        1.0,
        0.5,
        4,
    )


def test_nothing_goes_light_where_nothing_may():
    policy = policy_for(sweep([(0.1, 0), (0.2, 0)], [(0, 1), (0, 1)]), 2)
    assert (policy.threshold, policy.estimate.light_share) == (-2.0, 0.0)


def drawn(n):
    """Scores with ties, and two models' qualities."""
    draw = random.Random(n)
    score = [draw.randrange(40) / 64 for _ in range(n)]
    light, strong = ([draw.random() for _ in range(n)] for _ in range(2))
    return score, light, [9.0, *strong[1:]]


def test_a_ranking_is_lower_only_beyond_its_noise():
    assert not _ranks_lower([0.1, 0.1, 0.1, 0.1], [0.1, 0.0, 0.2, 0.08])
    assert _ranks_lower([0.1, 0.1, 0.1, 0.1], [0.05, 0.04, 0.06, 0.05])
    assert not _ranks_lower([0.1, 0.1], [0.1, 0.1])


@pytest.mark.parametrize("n", [1, 20, 333])
@pytest.mark.parametrize("kept", [0.8, 0.95, 1.0])
def test_no_threshold_that_keeps_the_quality_sends_more_away(n, kept):
    score, light, powerful = drawn(n)
    points = sweep([(s,) for s in score], list(zip(light, powerful, strict=True)))
    policy = policy_for(points, n, kept)
    goal = kept * sum(powerful) - 1e-9 * n

    def routed(tau):
        return sum(a if s <= tau else b for s, a, b in zip(score, light, powerful, strict=True))

    good = [tau for tau in (-2.0, *score) if routed(tau) >= goal]
    share = sum(s <= max(good) for s in score) / n
    assert sum(s <= policy.threshold for s in score) / n == share
    assert (policy.estimate.light_share, policy.estimate.quality_kept) == pytest.approx(
        (share, routed(max(good)) / sum(powerful)), abs=1e-6
    )
    assert kept_and_share(points, policy.threshold) == pytest.approx(
        (policy.estimate.quality_kept, share), abs=1e-6
    )


def test_a_threshold_lies_half_way_to_the_next_score_and_never_reaches_it():
    a = 0.1
    b = math.nextafter(a, 1)
    close = policy_for(sweep([(a,), (b,)], [(1, 1), (0, 1)]), 2, 1.0)
    assert a <= close.threshold < b
    far = policy_for(sweep([(0.25,), (0.5,)], [(1, 1), (0, 1)]), 2, 1.0)
    assert far.threshold == 0.375


def test_equal_scores_fall_on_one_side_of_the_threshold():
    points = sweep([(0.125,), (0.25,), (0.25,)], [(1, 1), (1, 1), (0, 1)])
    assert policy_for(points, 3, 1.0).threshold == 0.1875


@pytest.mark.parametrize("quality", [0.0, 0.5, 0.9, 0.95, 0.99, 1.0])
def test_a_bundle_estimates_the_largest_threshold_that_keeps_a_quality(quality):
    bundle = read_bundle(default_bundle())
    score = bundle.tensors["calibration.score"].tolist()
    levels = bundle.tensors["calibration.quality"].tolist()
    rows = list(zip(score, levels[::2], levels[1::2], strict=True))
    goal = quality * sum(powerful for _, _, powerful in rows)

    def kept(tau):
        return sum(light if at <= tau else powerful for at, light, powerful in rows)

    made = estimate_policy(bundle, quality)
    good = [tau for tau in set(score) if kept(tau) >= goal]
    assert kept(made.threshold) == kept(max(good, default=NOTHING_LIGHT))
    assert made.estimate.quality_kept >= quality - 1e-6
    assert made.bundle_hash == bundle.bundle_hash


def test_the_shipped_policy_is_what_its_own_rows_give():
    bundle = read_bundle(default_bundle())
    made = estimate_policy(bundle, QUALITY_KEPT)
    assert made == bundle.policy


def test_three_models_have_no_estimate():
    with pytest.raises(PolicyError, match="two models"):
        estimate_policy(read_bundle(random_bundle(0, m=3)), 0.9)


@pytest.mark.parametrize("n", [1, 7, 100, 200])
def test_intervals_are_those_of_scipy_rounded_outward(n):
    stats = pytest.importorskip("scipy.stats")
    table = interval_table(n)
    for k in range(n + 1):
        exact = stats.binomtest(k, n).proportion_ci(0.90, "exact")
        low, high = table[2 * k] / 10_000, table[2 * k + 1] / 10_000
        assert low <= exact.low < low + 1.01e-4
        assert high - 1.01e-4 < exact.high <= high


def test_the_table_ends_at_the_window():
    assert interval_table(0).tolist() == [0, 10_000]
    assert interval_table(5_000) == interval_table(200)
