# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Few labels: a rung is taken where it helps beyond noise; harm is told from noise."""

import pytest

np = pytest.importorskip("numpy")
for name in ("scipy", "sklearn"):
    pytest.importorskip(name)

from tiny_dancer.adapt.regression import Sample
from tiny_dancer.evaluate.few_labels import source_figures
from tiny_dancer.evaluate.few_labels_ladder import climbed, fit
from tiny_dancer.evaluate.few_labels_noise import Pair, difference
from tiny_dancer.evaluate.quality.few_tables import is_worse


def drawn(n: int, shift: float, seed: int = 0):
    """Probabilities, their head inputs (noise), and outcomes whose logit is theirs plus a shift."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1, n)
    inputs = rng.normal(0, 1, (n, 6)).astype("f")
    return 1 / (1 + np.exp(-z)), inputs, rng.random(n) < 1 / (1 + np.exp(-z - shift))


def taken(n: int, shift: float, seed: int = 0):
    return climbed(*drawn(n, shift, seed), np.arange(n), np.arange(n))


def test_what_is_calibrated_stays() -> None:
    assert sum(taken(100, 0.0, seed)[0] > 0 for seed in range(20)) <= 2
    assert np.array_equal(taken(29, 3.0)[1], drawn(29, 3.0)[0])


def test_a_level_that_is_off_is_mended() -> None:
    p, inputs, right = drawn(4_300, 2.5)
    rung, own = climbed(p, inputs, right, np.arange(300), np.arange(300, 4_300))
    fresh = right[300:].mean()
    assert rung == 1 and abs(own.mean() - fresh) < 0.05 < abs(p[300:].mean() - fresh)


def test_heads_are_fitted_anew_where_an_input_says_more_and_labels_are_enough() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.normal(0, 1, (3_000, 6)).astype("f")
    right = rng.random(3_000) < 1 / (1 + np.exp(-3 * inputs[:, 2]))
    p = np.clip(rng.random(3_000), 0.1, 0.9)
    test = np.arange(1_000, 3_000)
    assert climbed(p, inputs, right, np.arange(1_000), test)[0] == 2
    assert climbed(p, inputs, right, np.arange(199), test)[0] < 2


def test_the_fit_is_that_of_adapt() -> None:
    p, inputs, right = drawn(120, 1.0, 4)
    rows = np.concatenate([np.log(p / (1 - p))[:, None], np.ones((120, 1)), inputs], 1)
    for strength in (100.0, 1.0):
        slow = Sample(rows.tolist(), right.astype(float).tolist(), [1.0] * 120).fit(strength)
        assert fit(rows, right, strength) == pytest.approx(slow, abs=1e-9)


def test_harm_is_told_from_noise_and_from_help() -> None:
    p, _, right = drawn(400, 0.0, 2)
    stems = np.array([f"stem {k}" for k in range(400)], object)
    rows = np.arange(200, 400)
    noise = np.random.default_rng(3).normal(0, 0.02, 200)
    told = np.where(right[rows], 0.9, 0.1)
    cases = {"worse": 1 - told, "better": told, "same": p[rows], "alike": p[rows] + noise}
    found = {
        name: difference([Pair(rows, p[rows], np.clip(after, 0.01, 0.99))], right, stems, 200)
        for name, after in cases.items()
    }
    assert [name for name, one in found.items() if is_worse(one)] == ["worse"]
    assert found["better"]["loss_difference_95"][1] < 0 < found["better"]["auc_difference_95"][0]
    assert found["same"]["auc_difference_95"] == [0.0, 0.0]


def test_harm_done_by_one_draw_of_ten_is_harm() -> None:
    p, _, right = drawn(400, 0.0, 2)
    stems = np.array([f"stem {k}" for k in range(400)], object)
    rows = np.arange(200, 400)
    bad = Pair(rows, p[rows], np.where(right[rows], 0.05, 0.95))
    assert is_worse(difference([Pair(rows, p[rows], p[rows])] * 9 + [bad], right, stems, 200))


def test_a_source_with_few_rows_has_few_numbers_of_labels() -> None:
    p, inputs, right = drawn(240, 1.5)
    prompts = tuple(f"question {k} about {'law' if k % 3 else 'sums'}?" for k in range(240))
    told = np.where(right, 1.0, -1.0).astype("f")[:, None]
    found = source_figures(prompts, right, p, inputs, {"told": told})
    assert [(row["labels"], row["router"]) for row in found] == [
        (0, "as it is"),
        *((n, router) for n in (30, 100) for router in ("TF-IDF + LR", "adapted", "told")),
    ]
    by = {(row["labels"], row["router"]): row for row in found}
    assert by[100, "adapted"]["auc"] == pytest.approx(by[0, "as it is"]["auc"])
    assert by[100, "adapted"]["log_loss"] < by[0, "as it is"]["log_loss"]
    assert by[100, "adapted"]["loss_difference_95"][1] < 0 and not is_worse(by[100, "adapted"])
    assert by[30, "told"]["auc"] == 1.0
