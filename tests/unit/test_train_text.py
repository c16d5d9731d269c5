# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Vocabulary, tokens and cues of training against the twin's."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("tokenizers")

from tiny_dancer.model.spec import CONTINUATION, QUESTION_WORD
from tiny_dancer.train.encoded import BUCKETS, batches, encoded, steps
from tiny_dancer.train.vocabulary import BACK, FRONT, UNKNOWN, build, cut, encode

SOURCE = (
    ["[PAD]", "[CLS]", *"abcdefghijklmnopqrstuvwxyz0123456789?.,"]
    + [f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789?"]
    + ["what", "is", "the", "capital", "of", "france", "##ing", "rare", "prove"]
)
TEXTS = ["What is the capital of France?", "Prove the capital is taxing."] * 3


def test_vocabulary_keeps_letters_and_what_the_texts_use() -> None:
    vocabulary = build(SOURCE, TEXTS, 82)
    assert vocabulary.entries[0] == UNKNOWN
    assert len(vocabulary.entries) == 82
    assert {"a", "##a", "what", "capital"} <= set(vocabulary.entries)
    assert not {"[PAD]", "[CLS]", "##?"} & set(vocabulary.entries)


def test_flags_mark_pieces_and_question_words() -> None:
    vocabulary = build(SOURCE, TEXTS, 85)
    flags = dict(zip(vocabulary.entries, vocabulary.flags.tolist(), strict=True))
    assert flags["##ing"] == CONTINUATION
    assert flags["what"] == flags["prove"] == QUESTION_WORD
    assert flags["the"] == 0


def test_surprisal_is_lower_for_what_is_frequent() -> None:
    vocabulary = build(SOURCE, TEXTS, 85)
    bits = dict(zip(vocabulary.entries, vocabulary.surprisal.tolist(), strict=True))
    assert bits["the"] < bits["france"] < bits["rare"] <= bits[UNKNOWN]


def test_cut_keeps_both_ends() -> None:
    ids = np.arange(600, dtype=np.int32)
    assert cut(ids[:512]).tolist() == list(range(512))
    assert cut(ids).tolist() == [*range(FRONT), *range(600 - BACK, 600)]


def test_lone_surrogates_are_dropped() -> None:
    tokenizer = build(SOURCE, TEXTS, 82).tokenizer()
    first, second = encode(tokenizer, ["the \ud800capital", "the capital"])
    assert first.tolist() == second.tolist()


def test_every_row_is_in_one_batch_with_all_its_tokens() -> None:
    prompts = ["the " * n for n in (1, 3, 16, 17, 40, 600)]
    data = encoded(build(SOURCE, TEXTS, 82), prompts)
    rows = np.arange(len(prompts))
    seen = {}
    found = list(batches(data, rows, 2, np.random.default_rng(0)))
    for chosen, ids, kept in found:
        assert ids.shape == (kept.shape[0], 2) and kept.shape[0] in BUCKETS
        seen |= {int(row): int(kept[:, k].sum()) for k, row in enumerate(chosen)}
    assert seen == {0: 1, 1: 3, 2: 16, 3: 17, 4: 40, 5: 512}
    assert len(found) == steps(data, rows, 2)
