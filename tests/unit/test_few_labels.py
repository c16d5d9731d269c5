# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Few labels: the rung is taken where it helps beyond noise; few rows take few labels."""

import pytest

np = pytest.importorskip("numpy")
for name in ("scipy", "sklearn"):
    pytest.importorskip(name)

from tiny_dancer.evaluate.few_labels import climbed, moved, source_figures


def drawn(n: int, shift: float, seed: int = 0):
    """Probabilities, and outcomes whose logit is theirs plus a shift."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1, n)
    return 1 / (1 + np.exp(-z)), rng.random(n) < 1 / (1 + np.exp(-z - shift))


def test_what_is_calibrated_stays() -> None:
    taken = [climbed(*drawn(100, 0.0, seed)) is not None for seed in range(20)]
    assert sum(taken) <= 2


def test_a_level_that_is_off_is_mended() -> None:
    p, right = drawn(300, 2.5)
    numbers = climbed(p, right)
    assert numbers is not None
    new, fresh = drawn(4_000, 2.5, 9)
    assert abs(moved(new, numbers).mean() - fresh.mean()) < 0.05 < abs(new.mean() - fresh.mean())


def test_slope_one_and_intercept_zero_change_nothing() -> None:
    p, _ = drawn(50, 0.0)
    assert np.allclose(moved(p, (1.0, 0.0)), p)


def test_a_source_with_few_rows_has_few_numbers_of_labels() -> None:
    p, right = drawn(240, 1.5)
    prompts = tuple(f"question {k} about {'law' if k % 3 else 'sums'}?" for k in range(240))
    found = source_figures(prompts, right, p)
    assert [(row["labels"], row["router"]) for row in found] == [
        (0, "as it is"),
        *((n, router) for n in (30, 100) for router in ("TF-IDF + LR", "adapted")),
    ]
    zero, after = found[0], found[-1]
    assert after["auc"] == pytest.approx(zero["auc"])
    assert after["log_loss"] < zero["log_loss"]
