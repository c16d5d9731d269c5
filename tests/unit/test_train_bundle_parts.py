# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Quantisation and calibration of heads: hand-computed cases."""

import pytest

pytest.importorskip("jax")
np = pytest.importorskip("numpy")

from tiny_dancer.model.quantise import quantise, restore
from tiny_dancer.train.heads import (
    CAPITALS,
    Calibrator,
    calibrator,
    routing_score,
    without_capitals,
)


def test_int8_rows_are_within_half_a_step() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 32)).astype(np.float32)
    small, scales = quantise(rows)
    assert small.dtype == np.int8 and np.abs(small).max() == 127
    # Half a step, and the rounding of f32 on top.
    assert (np.abs(restore(small, scales) - rows) <= scales[:, None] * 0.5001).all()


def test_a_row_of_zeros_stays_zeros() -> None:
    small, scales = quantise(np.zeros((1, 16), np.float32))
    assert not small.any() and scales[0] == 0


def test_calibration_finds_the_scale_that_made_the_labels() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(0, 2, (40_000, 2))
    right = rng.random(z.shape) < 1 / (1 + np.exp(-(0.5 * z + [0.3, -0.2])))
    found = calibrator(z, np.zeros((40_000, 16), "f"), right.astype("f"))
    # The standard error of either number is below .015 here.
    assert found.scale == pytest.approx([0.5, 0.5], abs=0.05)
    assert found.shift == pytest.approx([0.3, -0.2], abs=0.05)


def test_calibration_takes_off_what_the_form_alone_made() -> None:
    rng = np.random.default_rng(4)
    z = rng.normal(0, 1.5, (20_000, 1))
    right = (rng.random(z.shape) < 1 / (1 + np.exp(-z))).astype("f")
    plain = np.zeros((20_000, 16), "f")
    exam = plain.copy()
    exam[:, 3] = 0.5
    logits = np.concatenate([z - 0.4, z + 0.4])  # the heads like options, the answers do not care
    found = calibrator(logits, np.concatenate([plain, exam]), np.concatenate([right, right]))
    gap = 0.8 * found.scale[0] + 0.5 * found.weights[1, 0]
    # 0 but for the ridge, which leaves about a sixth of the 0.8.
    assert abs(gap) < 0.2


def test_folded_heads_give_the_calibrated_logits() -> None:
    rng = np.random.default_rng(3)
    x, heads = rng.normal(size=(9, 80)).astype("f"), rng.normal(size=(80, 2)).astype("f")
    bias, weights = np.ones(2, "f"), rng.normal(size=(2, 2))
    found = Calibrator(np.array([0.5, 2.0]), weights, np.array([-1.0, 0.25]))
    w, b = found.folded(heads, bias)
    want = (x @ heads + bias) * found.scale + x[:, [66, 67]] @ weights + found.shift
    assert np.allclose(x @ w + b, want, atol=1e-4)


def test_the_share_of_capitals_changes_no_logit_and_counts_as_its_mean() -> None:
    rng = np.random.default_rng(7)
    heads, bias = rng.normal(size=(48, 2)).astype("f"), np.array([0.3, -0.2], "f")
    x = rng.normal(size=(5, 48)).astype("f")
    w, b = without_capitals(heads, bias, 0.04)
    shouted, mean = x.copy(), x.copy()
    shouted[:, 32 + CAPITALS], mean[:, 32 + CAPITALS] = 0.9, 0.04
    assert (shouted @ w == (x * (np.arange(48) != 32 + CAPITALS)) @ w).all()
    assert np.allclose(shouted @ w + b, mean @ heads + bias, atol=1e-5)


def test_routing_score_by_hand() -> None:
    p = np.array([[0.6, 0.9]])
    assert routing_score(p, 1.0)[0] == pytest.approx(0.3)
    assert routing_score(p, 0.0)[0] == pytest.approx(0.4)
    assert routing_score(p, 0.5)[0] == pytest.approx(0.35)
    assert routing_score(np.array([[0.6, 0.7, 0.65]]), 1.0)[0] == pytest.approx(0.1)
