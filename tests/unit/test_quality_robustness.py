# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Changes that do not change what is asked, and how often a decision stays under them."""

import random

import pytest

pytest.importorskip("numpy")
for name in ("jax", "optax", "sklearn", "tokenizers"):
    pytest.importorskip(name)

from tiny_dancer.evaluate.quality.robustness import (
    ANY,
    ENGLISH,
    TEMPLATES,
    _translations,
    broken,
    framed,
    mistyped,
    robustness,
    unpunctuated,
)
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.train.everyday_corpus import EverydayRequest

TEXT = "Could you explain photosynthesis to a small child?"


def test_a_typing_mistake_moves_two_letters_of_a_word_and_no_more() -> None:
    for seed in range(20):
        found = mistyped(TEXT, random.Random(seed))
        changed = [(a, b) for a, b in zip(TEXT.split(), found.split(), strict=True) if a != b]
        assert len(changed) <= 1
        for a, b in changed:
            assert sorted(a) == sorted(b) and a[0] == b[0]


def test_marks_and_line_breaks_leave_the_words() -> None:
    assert unpunctuated("¿Qué hora es?", random.Random(0)) == "¿Qué hora es"
    assert unpunctuated("?!", random.Random(0)) == "?!"
    assert broken(TEXT, random.Random(1)).split() == TEXT.split()


def test_a_frame_holds_the_whole_request() -> None:
    found = {framed(TEXT, random.Random(seed)) for seed in range(40)}
    assert len(found) == len(TEMPLATES) and all(TEXT in text for text in found)


def request(family: str, language: str, text: str, light: int = 1) -> EverydayRequest:
    return EverydayRequest(family, language, "talk", "chat", light, text)


def test_translations_are_of_one_family_kind_and_label() -> None:
    rows = (
        request("a", "en", "hello"),
        request("a", "de", "hallo"),
        request("a", "de", "Beweis", 0),
        request("b", "es", "hola"),
        request("b", "fr", "salut"),
        request("c", "en", "bye"),
    )
    assert sorted(_translations(rows)) == [("hello", "hallo"), ("hola", "salut")]


def test_every_kind_of_change_has_a_share() -> None:
    found = robustness(default_bundle() or b"")
    assert set(found) == {*ANY, *ENGLISH, "all but languages", "another language"}
    one = [found[name] for name in (*ANY, *ENGLISH)]
    whole = found["all but languages"]
    assert whole["pairs"] == sum(row["pairs"] for row in one)
    assert min(row["kept"] for row in one) < whole["kept"] < max(row["kept"] for row in one)
    for row in found.values():
        assert row["pairs"] > 50 and 0 <= row["kept"] <= 1 and 0 <= row["move"] <= 1
