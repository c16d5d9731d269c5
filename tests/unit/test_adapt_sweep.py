"""What thresholds do, by hand and beside the numpy code; bounds beside scipy."""

import random

import pytest

from tiny_dancer.adapt.adapt import _ranks_lower
from tiny_dancer.calibration.clopper_pearson import interval_table
from tiny_dancer.calibration.sweep import apgr, policy_for, sweep


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


def test_apgr_by_hand():
    # The failure is ranked highest: PGR is 1 from share 1/4 on and rises to it: 1 - 1/8.
    assert apgr([0.1, 0.2, 0.3, 0.9], [1, 1, 1, 0], [1, 1, 1, 1]) == pytest.approx(0.875)
    assert apgr([0.0] * 4, [1, 1, 1, 0], [1, 1, 1, 1]) == pytest.approx(0.5)
    assert apgr([0.1, 0.2], [1, 0], [0, 1]) is None


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


@pytest.mark.parametrize("n", [20, 333])
def test_apgr_is_that_of_the_numpy_code(n):
    pytest.importorskip("numpy")
    from tiny_dancer.evaluate import curve

    assert apgr(*drawn(n)) == pytest.approx(curve.apgr(curve.curve(*drawn(n))))


@pytest.mark.parametrize("n", [20, 333])
def test_the_policy_is_that_of_the_training_code(n):
    pytest.importorskip("jax")
    import numpy as np

    from tiny_dancer.calibration.threshold import kept_and_share, threshold

    score, light, strong = drawn(n)
    policy = policy_for(sweep([(s,) for s in score], list(zip(light, strong, strict=True))), n)
    arrays = [np.array(v) for v in (score, light, strong)]
    assert policy.threshold == pytest.approx(threshold(*arrays))
    found = kept_and_share(*arrays, policy.threshold)
    assert (policy.estimate.quality_kept, policy.estimate.light_share) == pytest.approx(
        found, abs=1e-6
    )


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
