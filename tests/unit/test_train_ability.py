# ruff: noqa: E402 (the modules need what importorskip looks for)
"""The teacher: one difficulty for all models, whatever the level of a source's models."""

import pytest

for module in ("sklearn", "scipy", "jax"):
    pytest.importorskip(module)
np = pytest.importorskip("numpy")

from tiny_dancer.calibration.probability import auc
from tiny_dancer.train.ability import crossed_ease, fit_ability, grams
from tiny_dancer.train.labels import LabelledPrompts
from tiny_dancer.train.marks import marks_of, taught
from tiny_dancer.train.wider import ModelMarks

EASY, HARD = "greeting kitchen sunshine", "theorem manifold cohomology"


def corpus(n: int = 600) -> tuple[LabelledPrompts, "np.ndarray"]:
    """Two sources; the same words are hard in both, but b's models are far better."""
    rng = np.random.default_rng(3)
    prompts, hard, right, sources = [], [], [], []
    for i in range(n):
        is_hard, source = bool(rng.random() < 0.5), "ab"[i % 2]
        words = rng.permutation((HARD if is_hard else EASY).split())[:2]
        prompts.append(f"{words[0]} {words[1]} number {i}")
        level = 1.5 if source == "b" else -1.5
        p = 1 / (1 + np.exp(-(level + np.array([0, 1]) - 2 * is_hard + 1)))
        right.append((rng.random(2) < p).astype(np.float32))
        hard.append(is_hard)
        sources.append(source)
    data = LabelledPrompts(
        tuple(prompts), np.array(right), ("",) * n, tuple(sources), np.ones(n, np.float32)
    )
    return data, np.array(hard)


def test_the_ease_is_that_of_the_words_and_not_of_the_source() -> None:
    data, hard = corpus()
    source = np.array([s == "b" for s in data.sources], np.int64)
    ease, _ = crossed_ease(grams(data.prompts), data.prompts, marks_of(data, ()), source)
    assert auc(ease, ~hard) > 0.95
    for s in (0, 1):
        assert auc(ease[source == s], ~hard[source == s]) > 0.95
    of = [ease[(source == s) & ~hard].mean() for s in (0, 1)]
    assert of[0] == pytest.approx(of[1], abs=0.3 * (ease[~hard].mean() - ease[hard].mean()))


def test_better_models_have_a_higher_level() -> None:
    data, _ = corpus()
    marks = marks_of(data, ())
    source = np.array([s == "b" for s in data.sources], np.int64)
    teacher = fit_ability(grams(data.prompts), marks, source)
    level = dict(zip(marks.models, teacher.level, strict=True))
    assert level["a:light"] < level["a:powerful"] < level["b:light"] < level["b:powerful"]


def test_marks_of_further_models_are_those_of_the_same_prompt() -> None:
    data, _ = corpus(10)
    more = ModelMarks(
        "a", (data.prompts[2], data.prompts[1]), ("x", "y"), np.array([[1, np.nan], [0, 1]], "f")
    )
    found = marks_of(data, (more,))
    own = [found.models.index(name) for name in ("a:x", "a:y")]
    kept = np.isin(found.model, own)
    # The second prompt is of source b: a mark of source a's models is not one of it.
    assert found.row[kept].tolist() == [2] and found.right[kept].tolist() == [1]
    assert len(found.row) == 2 * 10 + 1


def test_rows_that_are_not_taught_have_no_target() -> None:
    data, _ = corpus()
    rows = np.arange(400)
    found = taught(data, (), rows)
    assert np.isnan(found[400:]).all() and np.isfinite(found[:400]).all()
    assert auc(found[:400, 0], data.right[:400, 0]) > 0.8
