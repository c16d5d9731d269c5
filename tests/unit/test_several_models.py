# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Several models at once: assumed prices by rank, the best static mix, marks that are missing."""

import json
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
for name in ("jax", "optax", "scipy", "sklearn", "tokenizers", "matplotlib"):
    pytest.importorskip(name)

from tiny_dancer.evaluate.several_models import assumed_prices, complete, mixed

RESULTS = Path(__file__).parents[2] / "docs" / "results"


def test_the_worst_model_costs_one_and_the_best_a_hundred() -> None:
    quality = np.array([[0.2, 0.9, 0.5], [0.2, 0.9, 0.5]])
    assert assumed_prices(quality).tolist() == pytest.approx([1, 100, 10])


def test_a_static_mix_is_the_best_line_between_two_models() -> None:
    quality, price = np.array([[0.2, 0.4, 1.0]]), np.array([1.0, 50.0, 100.0])
    assert mixed(quality, price, 1.0) == pytest.approx(0.2)
    # Past the middle model: a mix of the outer two is better than what it takes part in.
    assert mixed(quality, price, 50.5) == pytest.approx(0.6)
    assert mixed(quality, price, 100.0) == pytest.approx(1.0)


def test_models_seldom_asked_go_and_rows_with_gaps_are_marked() -> None:
    nan = np.nan
    quality = np.array([[1, 0, nan]] * 9 + [[nan, 0, 1]], np.float32)
    models, kept = complete(quality)
    assert models.tolist() == [True, True, False]
    assert np.isfinite(kept).all(1).tolist() == [True] * 9 + [False]


def test_figures_of_older_bundles_name_them() -> None:
    docs = RESULTS.parent
    adapted = json.loads((RESULTS / "adapt.json").read_text())["sources"]
    page = (docs / "adapt.md").read_text("utf-8")
    assert all(one["bundle"][:12] in page for one in adapted.values())
    four = json.loads((RESULTS / "four-models.json").read_text())["bundle"]
    assert four[:12] in (docs / "training.md").read_text("utf-8")
