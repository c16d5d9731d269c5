"""What uncertainty, prediction set and interval promise."""

import random
from itertools import pairwise

import pytest
from scipy.stats import binom

from tiny_dancer.calibration.conformal import Calibration

ROWS = [(0.1, False), (0.2, False), (0.3, True), (0.4, False), (0.6, True), (0.9, True)]


def calibration(rows=ROWS, window=2):
    return Calibration(rows, [(k / 10, k / 5) for k in range(window + 1)])


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(0.0, 1.0), (0.1, 1.0), (0.15, 0.75), (0.2, 0.75), (0.4, 0.5), (0.41, 0.25), (1.0, 0.25)],
)
def test_uncertainty_counts_failures_with_at_least_this_confidence(confidence, expected):
    assert calibration().uncertainty(confidence) == expected


@pytest.mark.parametrize(
    ("confidence", "expected"), [(0.0, 0.25), (0.3, 0.5), (0.59, 0.5), (1.0, 1.0)]
)
def test_p_works_counts_successes_with_at_most_this_confidence(confidence, expected):
    assert calibration().p_works(confidence) == expected


def test_prediction_set_keeps_labels_whose_p_value_exceeds_one_minus_level():
    table = calibration()
    assert table.prediction_set(0.0, 0.90) == ("works", "fails")
    assert table.prediction_set(0.0, 0.70) == ("fails",)  # p(works) is 0.25
    assert table.prediction_set(1.0, 0.70) == ("works",)  # p(fails) is 0.25


def test_without_rows_nothing_is_certain():
    table = calibration(rows=[], window=0)
    assert table.uncertainty(0.99) == 1.0
    assert table.interval(0.99) is None


def test_interval_needs_thirty_rows_and_counts_the_nearest():
    rows = [(i / 100, i % 4 == 0) for i in range(40)]
    assert calibration(rows[:29]).interval(0.1) is None
    table = Calibration(rows, [(k, k) for k in range(9)])
    inside = sum(works for _, works in rows[16:24])
    assert table.interval(0.20) == (inside, inside)
    ends = [sum(works for _, works in part) for part in (rows[:8], rows[-8:])]
    assert [table.interval(c)[0] for c in (-1.0, 2.0)] == ends


def neighbourhoods(rows, window):
    """Successes among the `window` nearest of each p, without any widening."""
    ordered, found = sorted(rows), {}
    for p, _ in ordered:
        start = sum(q < p for q, _ in ordered) - window // 2
        start = max(0, min(start, len(rows) - window))
        found[p] = sum(works for _, works in ordered[start : start + window])
    return found


def test_bounds_rise_with_p_and_are_widened_no_further_than_that_takes():
    generator = random.Random(3)
    rows = [(p := generator.random(), generator.random() < p) for _ in range(120)]
    table = Calibration(rows, [(k / 20, k / 20 + 0.1) for k in range(21)])
    raw = neighbourhoods(rows, 20)
    steps = sorted(raw)
    assert any(raw[a] > raw[b] for a, b in pairwise(steps))  # neighbours do contradict p here
    for p in steps:
        low = min(raw[q] for q in steps if q >= p) / 20
        high = max(raw[q] for q in steps if q <= p) / 20 + 0.1
        assert table.interval(p) == (low, high)


def test_confidence_lies_in_the_interval_and_rises_with_p():
    generator = random.Random(4)
    rows = [(generator.random(), generator.random() < 0.5) for _ in range(200)]
    table = Calibration(rows, [(k / 50, k / 50 + 0.02) for k in range(41)])
    grid = [k / 1000 for k in range(1001)]
    confidence = [table.confidence(p) for p in grid]
    assert confidence == sorted(confidence)
    assert confidence != grid
    for p, c in zip(grid, confidence, strict=True):
        low, high = table.interval(p)
        assert low <= c <= high
        assert c == p or p < low or p > high


def test_without_an_interval_confidence_is_p_itself():
    assert calibration().confidence(0.37) == 0.37


def test_share_of_small_p_values_among_failures_stays_below_its_level():
    # Exchangeable draws: P(uncertainty <= u | fails) <= u. 4,000 repetitions; the bound is the
    # binomial's upper 1 - 1e-6 quantile, so a right implementation passes for any seed.
    generator = random.Random(7)
    repetitions, level, hits = 4_000, 0.10, 0
    for _ in range(repetitions):
        rows = [(generator.random(), generator.random() < 0.5) for _ in range(60)]
        hits += Calibration(rows, [(0, 0)]).uncertainty(generator.random()) <= level
    assert hits <= binom.ppf(1 - 1e-6, repetitions, level)
    assert hits > 0
