# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Thresholds from several sources: noisy ones are drawn towards the mean."""

import pytest

np = pytest.importorskip("numpy")

from tiny_dancer.evaluate.quality.shrinkage import kept_at, largest_threshold, shrink


def test_kept_and_static_by_hand() -> None:
    score = np.array([0.1, 0.2, 0.8, 0.9])
    light, powerful = np.array([1.0, 0, 0, 0]), np.ones(4)
    found = kept_at(score, light, powerful, 0.5)
    assert (found.light, found.kept) == (0.5, 0.75)
    assert found.static == pytest.approx(0.5 * 0.25 + 0.5)


def test_sources_that_differ_by_noise_alone_get_one_estimate() -> None:
    found = shrink([0.94, 0.96, 0.95], [1e-3] * 3)
    assert found.spread == 0
    assert found.each == pytest.approx([0.95] * 3)


def test_sources_that_differ_keep_their_own_and_a_noisy_one_is_drawn_in() -> None:
    found = shrink([0.8, 0.9, 1.0, 0.5], [1e-6, 1e-6, 1e-6, 1.0])
    assert found.each[:3] == pytest.approx([0.8, 0.9, 1.0], abs=1e-3)
    assert found.mean == pytest.approx(0.9, abs=0.01)
    assert found.each[3] == pytest.approx(found.mean, abs=0.02)
    low, high = found.range
    assert low < 0.8 and high > 1.0


def test_the_threshold_lets_the_mean_keep_what_is_asked() -> None:
    rng = np.random.default_rng(1)
    scores, light, powerful = [], [], []
    for _ in range(6):
        hard = rng.random(2_000)
        scores.append(hard)
        light.append((rng.random(2_000) > hard).astype(float))
        powerful.append(np.ones(2_000))
    found = largest_threshold(scores, light, powerful, 0.95)
    # Sending x light loses x²/2 of quality here: .05 at x = .316.
    assert found == pytest.approx(0.316, abs=0.02)


def test_nothing_is_light_where_light_is_always_wrong() -> None:
    score = np.linspace(0, 1, 200)
    found = largest_threshold([score] * 2, [np.zeros(200)] * 2, [np.ones(200)] * 2, 0.999)
    assert (score <= found).sum() <= 1
