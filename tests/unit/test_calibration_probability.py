# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Calibration error, AUC and log-loss against hand-computed cases and scikit-learn."""

import numpy as np
import pytest

metrics = pytest.importorskip("sklearn.metrics")

from tiny_dancer.calibration.probability import Bin, auc, calibration_error, log_loss, reliability


def test_auc_equals_scikit_learn_with_ties() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        y = rng.random(300) < 0.3
        s = (rng.normal(size=300) + y).round(1)
        assert auc(s, y) == pytest.approx(metrics.roc_auc_score(y, s), abs=1e-12)


def test_auc_of_one_class_is_nan() -> None:
    assert np.isnan(auc([0.1, 0.2], [1, 1]))


def test_log_loss_equals_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    p = rng.random(500)
    y = rng.random(500) < p
    assert log_loss(p, y) == pytest.approx(metrics.log_loss(y, p), rel=1e-6)


def test_calibration_error_by_hand() -> None:
    # Bins of a half: three at .25 with one right (gap |1 − .75| = .25), one at .9 right (gap .1).
    assert calibration_error([0.25, 0.25, 0.25, 0.9], [1, 0, 0, 1], bins=2) == pytest.approx(
        (0.25 + 0.1) / 4
    )


def test_calibrated_probabilities_have_a_small_error() -> None:
    rng = np.random.default_rng(5)
    p = rng.random(50_000)
    # The expected error of 15 bins of 3,333 rows is about .8 · sqrt(.17 / 3,333) = .006.
    assert calibration_error(p, rng.random(50_000) < p) < 0.012


def test_reliability_holds_the_bins_that_are_not_empty() -> None:
    assert reliability([0.05, 0.06, 0.95, 1.0], [0, 1, 1, 1]) == [
        Bin(pytest.approx(0.055), 0.5, 2),
        Bin(pytest.approx(0.975), 1.0, 2),
    ]
