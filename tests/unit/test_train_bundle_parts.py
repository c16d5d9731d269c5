# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Quantisation, calibration of heads, threshold, interval table: hand-computed cases."""

import pytest

pytest.importorskip("jax")
stats = pytest.importorskip("scipy.stats")
np = pytest.importorskip("numpy")

from tiny_dancer.calibration.threshold import kept_and_share, threshold
from tiny_dancer.model.spec import INTERVAL_SCALE
from tiny_dancer.train.assemble import calibration_tensors, interval_table
from tiny_dancer.train.heads import Calibrator, calibrator, routing_score
from tiny_dancer.train.quantise import quantised, restored


def test_int8_rows_are_within_half_a_step() -> None:
    rows = np.random.default_rng(1).normal(size=(50, 32)).astype(np.float32)
    small, scales = quantised(rows)
    assert small.dtype == np.int8 and np.abs(small).max() == 127
    # Half a step, and the rounding of f32 on top.
    assert (np.abs(restored(small, scales) - rows) <= scales[:, None] * 0.5001).all()


def test_a_row_of_zeros_stays_zeros() -> None:
    small, scales = quantised(np.zeros((1, 16), np.float32))
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


def test_routing_score_by_hand() -> None:
    p = np.array([[0.6, 0.9]])
    assert routing_score(p, 1.0)[0] == pytest.approx(0.3)
    assert routing_score(p, 0.0)[0] == pytest.approx(0.4)
    assert routing_score(p, 0.5)[0] == pytest.approx(0.35)
    assert routing_score(np.array([[0.6, 0.7, 0.65]]), 1.0)[0] == pytest.approx(0.1)


def test_threshold_is_the_highest_that_keeps_the_quality() -> None:
    score = np.array([0.1, 0.2, 0.3, 0.4, 0.5], "f")
    light, powerful = np.array([1, 1, 0, 1, 0], "f"), np.ones(5, "f")
    assert threshold(score, light, powerful, 1.0) == pytest.approx(0.25)
    assert threshold(score, light, powerful, 0.8) == pytest.approx(0.45)
    assert threshold(score, light, powerful, 0.6) == pytest.approx(0.5)
    assert kept_and_share(score, light, powerful, 0.25) == pytest.approx((1.0, 0.4))


def test_equal_scores_fall_on_one_side_of_the_threshold() -> None:
    score = np.array([0.1, 0.3, 0.3], "f")
    light = np.array([1, 1, 0], "f")
    assert threshold(score, light, np.ones(3, "f"), 1.0) == pytest.approx(0.2)


def test_nothing_goes_light_where_light_never_works() -> None:
    assert threshold(np.array([0.5], "f"), np.zeros(1, "f"), np.ones(1, "f"), 0.95) == -2.0


def test_interval_table_is_clopper_pearson_rounded_outward() -> None:
    table = interval_table(1_000)
    assert table.shape == (201, 2)
    assert list(table[0]) == [0, np.ceil((1 - 0.05 ** (1 / 200)) * INTERVAL_SCALE)]
    assert list(table[200]) == [np.floor(0.05 ** (1 / 200) * INTERVAL_SCALE), INTERVAL_SCALE]
    low, high = stats.binomtest(140, 200).proportion_ci(0.90, "exact")
    assert table[140][0] <= low * INTERVAL_SCALE < table[140][0] + 1
    assert table[140][1] - 1 < high * INTERVAL_SCALE <= table[140][1]


def test_few_rows_give_a_smaller_interval_table() -> None:
    assert interval_table(0).tolist() == [[0, INTERVAL_SCALE]]
    assert interval_table(40).shape == (41, 2)


def test_calibration_rows_are_sorted_and_keep_their_class() -> None:
    score, confidence = np.array([0.5, 0.1, 0.5], "f"), np.array([0.9, 0.8, 0.2], "f")
    quality = np.array([[0.5, 1.0], [0.499, 0.0], [0.0, 1.0]], "f")
    parts = calibration_tensors(score, confidence, quality)
    assert np.frombuffer(parts["calibration.score"][1], "<f4").tolist() == [
        np.float32(0.1),
        0.5,
        0.5,
    ]
    assert np.frombuffer(parts["calibration.quality"][1], "u1").tolist() == [
        127,
        0,
        0,
        255,
        128,
        255,
    ]
