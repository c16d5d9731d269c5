"""The corpus: as large, varied and unchanging as its README says."""

import hashlib
import json
from collections import Counter

import pytest
from corpus.make_corpus import HERE, LIMIT, corpus, counts, pairs, prompts, utf8

# sha256 of the whole corpus as JSON lines; the same on CPython 3.11, 3.12, 3.13 and 3.14.
FINGERPRINT = "d921d375101ccd18d92767ccd47eedf79726a602fb955ff39409c7f51cc8792d"
OTHER_LANGUAGES = ["de", "fr", "es", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi"]
FEW_OF = ["tr", "el", "pl", "vi", "th", "he", "uk", "nl", "sv"]


@pytest.fixture(scope="module")
def rows():
    return corpus()


def ratio(a, b):
    return min(a, b) / max(a, b)


def test_more_than_five_hundred_prompts_by_hand_and_three_hundred_variants(rows):
    assert len(prompts()) >= 520
    assert sum(row["kind"] == "generated" for row in rows) >= 300


def test_languages_are_as_many_as_promised():
    by_language = Counter(row["lang"] for row in prompts())
    assert by_language["en"] >= 330
    assert min(by_language[lang] for lang in OTHER_LANGUAGES) >= 8
    assert min(by_language[lang] for lang in FEW_OF) >= 4


def test_prompts_reach_from_nothing_to_fifteen_hundred_words():
    words = [len(row["prompt"].split()) for row in prompts()]
    assert min(words) == 0
    assert sum(count >= 300 for count in words) >= 8
    assert 1400 <= max(words) <= 1600


def test_ids_are_unique(rows):
    assert max(Counter(row["id"] for row in rows).values()) == 1
    assert max(Counter(pair["id"] for pair in pairs()).values()) == 1


def test_only_marked_duplicates_repeat_a_prompt(rows):
    marked = [row["prompt"] for row in rows if row.get("how") == "duplicate"]
    others = Counter(row["prompt"] for row in rows if row.get("how") != "duplicate")
    assert len(marked) == 3
    assert max(others.values()) == 1
    assert all(prompt in others for prompt in marked)


def test_twenty_pairs_of_each_kind():
    kinds = Counter(pair["kind"] for pair in pairs())
    assert kinds == {"short_hard_long_easy": 20, "equal_length": 20}


@pytest.mark.parametrize("size", [len, lambda text: len(text.split())], ids=["chars", "words"])
def test_pairs_differ_in_length_as_their_kind_says(size):
    for pair in pairs():
        easy, hard = size(pair["easy"]), size(pair["hard"])
        if pair["kind"] == "equal_length":
            assert ratio(easy, hard) >= 0.9, pair["id"]
        else:
            assert hard < easy / 2, pair["id"]


def test_corpus_is_the_same_on_every_python(rows):
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    assert hashlib.sha256(lines.encode("ascii")).hexdigest() == FINGERPRINT


def test_every_row_survives_json(rows):
    assert [json.loads(json.dumps(row)) for row in rows] == rows


def test_lone_surrogates_nul_and_the_astral_planes_are_there(rows):
    text = "".join(row["prompt"] for row in rows if row["kind"] == "hostile_unicode")
    for wanted in ("\ud800", "\udfff", "\0", "\u200d", "\u202e", "\uffff", "\U00020000"):
        assert wanted in text, ascii(wanted)


def test_prompts_lie_at_and_around_the_limit(rows):
    data = [utf8(row["prompt"]) for row in rows if row.get("how") == "limit"]
    sizes = {len(each) for each in data}
    assert {LIMIT - 1, LIMIT, LIMIT + 1, 200_000} <= sizes
    # The limit falls inside a character where a continuation byte comes right after it.
    assert sum(len(each) > LIMIT and each[LIMIT] & 0xC0 == 0x80 for each in data) >= 6


def test_repetitions_reach_twenty_kilobytes(rows):
    sizes = [len(utf8(row["prompt"])) for row in rows if row.get("how") == "repetition"]
    assert min(sizes) >= 20_000


def test_readme_shows_the_counts(rows):
    assert (HERE / "README.md").read_text(encoding="utf-8").endswith(counts(rows) + "\n")
