"""The tokeniser's rules one by one, on a vocabulary small enough to read."""

import pytest

from tiny_dancer.model.spec import CONTINUATION, QUESTION_WORD
from tiny_dancer.scoring.twin.wordpiece import WordPiece, words
from tiny_dancer.text import cut

ENTRIES = [
    ("[UNK]", 0),
    ("a", 0),
    ("ab", 0),
    ("b", CONTINUATION),
    ("c", CONTINUATION),
    ("bc", CONTINUATION),
    ("what", QUESTION_WORD),
    ("?", 0),
    ("東", 0),
    ("e", 0),
    ("ᄒ", 0),
    ("ᅡ", CONTINUATION),
    ("ᆫ", CONTINUATION),
]
IDS = {("##" if flags & CONTINUATION else "") + text: i for i, (text, flags) in enumerate(ENTRIES)}
SURPRISAL = [7 * i + 1 for i in range(len(ENTRIES))]


def tokens(text: str, front: int = 384, back: int = 128):
    return WordPiece(ENTRIES, SURPRISAL, 0, front, back).tokens(text)


def ids(*pieces: str) -> tuple[int, ...]:
    return tuple(IDS[piece] for piece in pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("abc", ["ab", "##c"]),
        ("abbc", ["ab", "##bc"]),
        ("abd", ["[UNK]"]),
        ("what? what", ["what", "?", "what"]),
        ("WHAT", ["what"]),
        ("a東a", ["a", "東", "a"]),
        ("Éè", ["[UNK]"]),
        ("É", ["e"]),
        ("e\u0301", ["e"]),
        ("a\u200bb", ["ab"]),
        ("a\u00a0a\u3000a", ["a", "a", "a"]),
        ("한", ["ᄒ", "##ᅡ", "##ᆫ"]),
        ("\ufffd\x00\u00ad", []),
        ("a" + "b" * 99, ["ab", *["##b"] * 98]),
        ("a" + "b" * 100, ["[UNK]"]),
        ("É" * 101, ["[UNK]"]),
    ],
)
def test_text_gives_these_pieces(text, pieces):
    assert tokens(text).kept == ids(*pieces)


def test_the_first_of_equal_entries_counts():
    piece = WordPiece([("u", 0), ("a", 0), ("a", 0)], [0, 0, 0], 0, 4, 4)
    assert piece.tokens("a").kept == (1,)


def test_counts_cover_the_whole_text():
    got = tokens("what abc? 東 zz", front=1, back=1)
    assert got.kept == ids("what", "[UNK]")
    assert (got.seen, got.unknown, got.continuations, got.question_words) == (6, 1, 1, 1)
    assert got.surprisal == sum(SURPRISAL[i] for i in ids("what", "ab", "##c", "?", "東", "[UNK]"))
    assert (got.words, got.word_chars) == (3, 4 + 3 + 2)
    assert got.truncated


@pytest.mark.parametrize("n", [6, 7, 8, 9, 20])
def test_kept_tokens_are_the_first_and_the_last(n):
    everything = tokens("a what " * n).kept
    got = tokens("a what " * n, front=10, back=5)
    want = everything if 2 * n <= 15 else everything[:10] + everything[-5:]
    assert got.kept == want
    assert got.truncated == (2 * n > 15)


def test_no_token_is_kept_from_the_back_where_back_is_zero():
    assert tokens("a what a", front=1, back=0).kept == ids("a")


def test_words_come_cleaned_and_say_whether_they_stand_alone():
    got = list(words("Don't ≠ 豈x"))
    want = [("don", False), ("'", True), ("t", False), ("=", True), ("豈", True), ("x", False)]
    assert got == want


def test_text_within_the_limit_is_not_cut():
    assert cut("é" * 32_768) == ("é".encode() * 32_768, False)


@pytest.mark.parametrize("char", ["a", "é", "東", "😀", "\ud800"])
@pytest.mark.parametrize("shift", range(4))
def test_cut_splits_no_character(char, shift):
    text = "x" * shift + char * 70_000
    data, was_cut = cut(text)
    width = len(char.encode("utf-8", "surrogatepass"))
    assert was_cut
    assert 65_536 - 2 * width < len(data) <= 65_536
    assert (len(data) - shift) % width == 0
    assert data.decode("utf-8", "surrogatepass") == "x" * shift + char * (
        (len(data) - shift) // width
    )


def test_cut_keeps_three_quarters_in_front():
    data, _ = cut("a" * 60_000 + "b" * 60_000)
    assert data == b"a" * 49_152 + b"b" * 16_384
