# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Splits by stem: no question on both sides."""

import pytest

np = pytest.importorskip("numpy")

from tiny_dancer.adapt.stem import question, stem
from tiny_dancer.train.split import folds, held_out, subject_groups

PLAIN = "Which planet is the largest?"
FOUR = PLAIN + "\nA. Mars\nB. Venus\nC. Jupiter\nD. Earth\nAnswer:"
TEN = "Which planet is the  largest ?\nA. Jupiter\nB. Mars\nC. Io\nD. Sun\nE. Ceres\nAnswer:"
BRACKETS = PLAIN + "\nOptions:\n(A) Mars\n(B) Jupiter"


def test_stem_ignores_options_spaces_and_punctuation() -> None:
    assert len({stem(p) for p in (PLAIN, FOUR, TEN, BRACKETS)}) == 1
    assert question(FOUR) == PLAIN


def test_prompt_without_a_question_before_its_options_keeps_its_text() -> None:
    assert question("\nA. x\nB. y") == "\nA. x\nB. y"


def test_rows_of_one_stem_share_a_fold_and_a_side() -> None:
    family = [PLAIN, FOUR, TEN, BRACKETS]
    assert len(set(folds(family))) == 1
    assert len(set(held_out(family))) == 1


def test_shares_are_as_asked() -> None:
    prompts = [f"question {k}" for k in range(20_000)]
    # Three standard deviations: 3 · sqrt(.15 · .85 / 20,000) = .0076, and .0085 for a fifth.
    assert held_out(prompts).mean() == pytest.approx(0.15, abs=0.0076)
    assert np.bincount(folds(prompts)) / 20_000 == pytest.approx([0.2] * 5, abs=0.0085)


def test_fold_and_side_are_independent() -> None:
    prompts = [f"question {k}" for k in range(20_000)]
    side, fold = held_out(prompts), folds(prompts)
    assert [side[fold == k].mean() for k in range(5)] == pytest.approx([0.15] * 5, abs=0.018)


def test_a_subject_lies_in_one_group() -> None:
    groups = subject_groups(["a", "b", "a", "c"], 2)
    assert list(groups) == [0, 1, 0, 0]
