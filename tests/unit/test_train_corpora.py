# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Copies of prompts as a chat would hold them, and which rows a run may see."""

import pytest

np = pytest.importorskip("numpy")
for name in ("jax", "optax", "sklearn", "tokenizers"):
    pytest.importorskip(name)

from tiny_dancer.train.corpora import bare, retold, usable
from tiny_dancer.train.filler import AFTER, BEFORE
from tiny_dancer.train.labels import LabelledPrompts

PLAIN = "Which planet is the largest?"
WITH_OPTIONS = PLAIN + "\nA. Mars\nB. Jupiter\nAnswer:"


def labelled(sources: list[str]) -> LabelledPrompts:
    n = len(sources)
    prompts = tuple(f"question number {k}" for k in range(n))
    return LabelledPrompts(
        prompts, np.ones((n, 2), "f"), ("",) * n, tuple(sources), np.ones(n, "f")
    )


def test_bare_prompt_has_no_options() -> None:
    assert bare(WITH_OPTIONS) == PLAIN
    assert bare(PLAIN) == PLAIN


def test_a_copy_holds_the_question_and_no_options() -> None:
    for k in range(50):
        copy = retold(WITH_OPTIONS.replace("planet", f"planet{k}"))
        assert f"Which planet{k} is the largest?" in copy
        assert "Jupiter" not in copy


def test_a_prompt_without_options_always_gets_small_talk() -> None:
    copy = retold(PLAIN)
    assert len(copy) > len(PLAIN) and PLAIN in copy
    rest = copy.replace(PLAIN, "")
    for line in BEFORE + AFTER:
        rest = rest.replace(line, "")
    assert not rest.strip()


def test_a_copy_is_the_same_at_every_call() -> None:
    assert retold(WITH_OPTIONS) == retold(WITH_OPTIONS)


def test_unjustified_and_evaluation_sources_are_left_out() -> None:
    kept, train, untouched = usable(labelled(["mmlu", "eq_bench", "mt_bench", "alpaca_eval"] * 20))
    assert set(kept.sources) == {"mmlu"}
    assert sorted([*train, *untouched]) == list(range(20))
