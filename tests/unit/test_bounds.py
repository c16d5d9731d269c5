"""Tails, p-values and capital against scipy, MAPIE, and what theory says of them."""

import random
from itertools import product
from math import exp, log

import pytest

from tiny_dancer.calibration.betting import FRACTIONS, WEIGHTS, Capital
from tiny_dancer.calibration.binomial import binomial_cdf, hoeffding_bentkus, upper_bound

CASES = [
    (k, n, p)
    for n in (1, 7, 100, 3_000, 100_000)
    for p in (0.001, 0.05, 0.5, 0.98)
    for k in {0, 1, round(n * p), round(n * p * 0.9), round(n * p * 1.1), n - 1, n}
    if 0 <= k <= n
]


def test_the_binomial_tail_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    for k, n, p in CASES:
        assert binomial_cdf(k, n, p) == pytest.approx(stats.binom.cdf(k, n, p), rel=1e-7, abs=1e-12)


def test_the_upper_bound_is_that_of_clopper_and_pearson():
    stats = pytest.importorskip("scipy.stats")
    for k, n in ((0, 10), (1, 30), (5, 300), (40, 1_000), (300, 300), (900, 100_000)):
        test = stats.binomtest(k, n, alternative="less")
        exact = test.proportion_ci(0.95, "exact").high
        assert upper_bound(k, n, 0.05) == pytest.approx(exact, rel=1e-7)


def test_the_p_value_of_hoeffding_and_bentkus_is_that_of_mapie():
    np = pytest.importorskip("numpy")
    methods = pytest.importorskip("mapie.risk_control.methods")
    for n, alpha in product((20, 300, 5_000), (0.02, 0.1, 0.4)):
        losses = np.array([0.0, 0.3, round(n * alpha * 0.5), n * alpha * 0.8, n * alpha, n * 0.9])
        theirs = methods.compute_hoeffding_bentkus_p_value(losses / n, n, alpha)[:, 0]
        ours = [hoeffding_bentkus(loss, n, alpha) for loss in losses.tolist()]
        assert ours == pytest.approx(np.minimum(theirs, 1).tolist(), rel=1e-6, abs=1e-12)


def test_the_weights_are_a_prior():
    assert sum(WEIGHTS) == pytest.approx(1)
    assert all(0 < f < 1 for f in FRACTIONS)


def test_capital_is_the_mean_over_fractions_of_what_bets_on_every_margin_make():
    margins = [0.05, 0.05, -0.95, 1.0, 0.0, 0.3]
    by_hand = 0.0
    for fraction, weight in zip(FRACTIONS, WEIGHTS, strict=True):
        kept = 1.0
        for margin in margins:
            kept *= 1 + fraction / 0.95 * margin
        by_hand += weight * kept
    assert exp(Capital(0.95, margins).log) == pytest.approx(by_hand)


def test_exchanging_margins_one_by_one_is_starting_with_the_new_ones():
    draw = random.Random(1)
    old = [draw.uniform(-0.9, 1) for _ in range(200)]
    new = [draw.choice((-0.9, 0.1)) for _ in old]
    capital = Capital(0.9, old)
    for a, b in zip(old, new, strict=True):
        capital.exchange(a, b)
    assert capital.log == pytest.approx(Capital(0.9, new).log, abs=1e-9)


def test_further_prompts_count_as_if_they_had_been_there():
    margins = [0.05] * 40 + [-0.95]
    capital = Capital(0.95, margins)
    assert capital.after(0.05, 10) == pytest.approx(Capital(0.95, [*margins, *[0.05] * 10]).log)
    assert capital.after_as_now(2) == pytest.approx(Capital(0.95, margins * 3).log)


@pytest.mark.parametrize(("win", "floor"), [(0.05, 0.95), (0.02, 0.98), (0.3, 0.7)])
def test_capital_is_fair_where_the_mean_margin_is_zero(win, floor):
    # The expectation over all outcomes of 8 prompts, exactly: 1.
    chance = floor / (win + floor)
    total = 0.0
    for outcome in product((True, False), repeat=8):
        p = 1.0
        for won in outcome:
            p *= chance if won else 1 - chance
        total += p * exp(Capital(floor, [win if won else -floor for won in outcome]).log)
    assert total == pytest.approx(1)


def test_looking_after_every_prompt_refuses_a_true_null_no_more_often_than_delta():
    # Mean margin 0 exactly; 400 runs of 1,000 prompts, a look after each. Ville: at most 5 % of the
    # runs ever reach 20. 33 is the binomial's upper 1e-3 quantile of 400 at .05.
    draw, reached = random.Random(5), 0
    for _ in range(400):
        capital = Capital(0.95)
        for _ in range(1_000):
            capital.exchange(0.0, 0.05 if draw.random() < 0.95 else -0.95)
            if capital.log >= log(20):
                reached += 1
                break
    assert 0 < reached <= 33
