"""Promises of the cost curve, on cases worked out by hand."""

import numpy as np
import pytest

from tiny_dancer.calibration.curve import apgr, cpt, curve, light_share, measure

WEAK = [1.0, 0.0, 1.0, 0.0]
STRONG = [1.0, 1.0, 1.0, 1.0]


def test_perfect_order_recovers_the_gap_with_half_the_calls() -> None:
    c = curve([0, 3, 1, 2], WEAK, STRONG)
    assert list(c.share) == [0, 0.25, 0.5, 0.75, 1]
    assert list(c.quality) == [0.5, 0.75, 1, 1, 1]
    assert apgr(c) == pytest.approx((0.25 + 0.75 + 1 + 1) * 0.25)
    assert cpt(c, 0.5) == pytest.approx(0.25)
    assert cpt(c, 0.8) == pytest.approx(0.4)


def test_worst_order_needs_everything() -> None:
    c = curve([3, 0, 2, 1], WEAK, STRONG)
    assert list(c.quality) == [0.5, 0.5, 0.5, 0.75, 1]
    assert apgr(c) == pytest.approx((0 + 0 + 0.25 + 0.75) * 0.25)
    assert cpt(c, 0.5) == pytest.approx(0.75)


def test_equal_scores_share_alike() -> None:
    c = curve([7, 7, 7, 7], WEAK, STRONG)
    assert list(c.share) == [0, 1]
    assert apgr(c) == pytest.approx(0.5)
    assert cpt(c, 0.8) == pytest.approx(0.8)


def test_light_share_of_95_percent_is_read_off_the_line() -> None:
    c = curve([0, 3, 1, 2], WEAK, STRONG)
    # quality 0.5 at share 0, 0.75 at .25, 1 at .5: 0.95 is crossed at .25 + .2 / .25 · .25
    assert light_share(c, 0.95) == pytest.approx(1 - 0.45)
    assert light_share(c, 0.5) == 1.0


def test_weak_only_right_lowers_the_curve_beyond_the_strong_model() -> None:
    c = curve([2, 1, 0], [0, 1, 1], [1, 1, 0])
    assert list(c.quality) == pytest.approx([2 / 3, 1, 1, 2 / 3])
    with pytest.raises(ValueError, match="same mean quality"):
        apgr(c)


def test_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    s, w = rng.normal(size=200).round(1), rng.random(200)
    t = np.clip(w + rng.random(200) / 2, 0, 1)
    shuffled = rng.permutation(200)
    first, second = measure(s, w, t), measure(s[shuffled], w[shuffled], t[shuffled])
    assert first.apgr == pytest.approx(second.apgr, abs=1e-12)
    assert first.light95 == pytest.approx(second.light95, abs=1e-9)


def test_random_order_has_apgr_one_half() -> None:
    rng = np.random.default_rng(2)
    w = (rng.random(20_000) < 0.5).astype(float)
    # Standard deviation of APGR under a random order is about 0.29 / sqrt(0.5 · 20,000) = 0.003.
    assert measure(rng.random(20_000), w, np.ones(20_000)).apgr == pytest.approx(0.5, abs=0.012)


def test_apgr_is_the_area_under_the_gap_recovered() -> None:
    rng = np.random.default_rng(3)
    w, t = rng.random(333), rng.random(333)
    c = curve(rng.integers(40, size=333) / 64, w, t + 0.2)
    recovered = (np.array(c.quality) - c.quality[0]) / c.gap
    assert apgr(c) == pytest.approx(np.trapezoid(recovered, c.share), abs=1e-12)
    assert c.advantage == pytest.approx((apgr(c) - 0.5) * c.gap)


def test_lengths_that_differ_and_no_prompt_are_refused() -> None:
    with pytest.raises(ValueError):
        curve([0.1], [1.0, 0.0], [1.0])
    with pytest.raises(ValueError, match="a prompt"):
        curve([], [], [])
