"""Cost against quality by hand; reliability beside scikit-learn."""

import pytest

np = pytest.importorskip("numpy")

from tiny_dancer.calibration.probability import Bin, reliability  # noqa: E402
from tiny_dancer.calibration.sweep import sweep  # noqa: E402
from tiny_dancer.evaluate.frontier import Spot, oracle, routed, singles, thinned  # noqa: E402

QUALITY = [(0.0, 0.5, 1.0), (1.0, 1.0, 1.0)]
PRICES = (1.0, 3.0, 10.0)


def spots(found):
    return [(s.cost, pytest.approx(s.quality)) for s in found]


def test_single_models_by_hand():
    assert singles(QUALITY, PRICES) == [Spot(1, 0.5), Spot(3, 0.75), Spot(10, 1)]


def test_a_router_by_hand():
    # The second prompt goes to the cheapest at 0.1, the first to the middle one at 0.4.
    points = sweep([(0.9, 0.4, 0), (0.1, 0.2, 0)], QUALITY)
    found = routed(points, PRICES)
    assert found[0] == Spot(10, 1)
    assert found[1] == Spot(5.5, 1)
    assert found[-1] == Spot(1, 0.5)
    assert Spot(2, 0.75) in found


def test_the_oracle_by_hand():
    # The second prompt is never worth more than 1; the first is bought up in two steps.
    assert spots(oracle(QUALITY, PRICES)) == [(1.0, 0.5), (2.0, 0.75), (5.5, 1.0)]


def test_the_oracle_uses_a_cheap_model_that_is_better():
    assert spots(oracle([(1.0, 0.0), (0.0, 1.0)], (0.0, 1.0))) == [(0.0, 0.5), (0.5, 1.0)]


def test_nothing_beats_the_oracle():
    rng = np.random.default_rng(0)
    quality = rng.random((300, 4))
    prices = (0.0, 1.0, 2.0, 5.0)
    best = oracle(quality, prices)
    points = sweep(rng.random((300, 4)).tolist(), quality.tolist())
    cost, top = [s.cost for s in best], [s.quality for s in best]
    for spot in (*routed(points, prices), *singles(quality, prices)):
        # Where the rates are quantiles the corners leave a little out.
        assert spot.quality <= np.interp(spot.cost, cost, top) + 1e-3


def test_reliability_by_hand():
    assert reliability([0.1, 0.3, 0.9, 1.0], [0, 1, 1, 1], bins=2) == [
        Bin(pytest.approx(0.2), 0.5, 2),
        Bin(pytest.approx(0.95), 1.0, 2),
    ]


def test_reliability_is_that_of_scikit_learn():
    calibration = pytest.importorskip("sklearn.calibration")
    rng = np.random.default_rng(1)
    p = rng.random(500)
    right = rng.random(500) < p**2
    share, mean = calibration.calibration_curve(right, p, n_bins=10)
    found = reliability(p, right)
    assert [b.share for b in found] == pytest.approx(share)
    assert [b.mean for b in found] == pytest.approx(mean)
    assert sum(b.count for b in found) == 500


def test_thinned_keeps_both_ends():
    long = [Spot(float(k), 0.0) for k in range(1000)]
    assert [s.cost for s in thinned(long, 4)] == [0, 333, 666, 999]
    assert thinned(long[:4], 4) == long[:4]
