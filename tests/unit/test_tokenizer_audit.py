"""Kernel and twin give the tokens of the `tokenizers` package, but for the listed code points."""

import random

import pytest
from corpus.make_corpus import BLOCKS, corpus
from oracle.labelled import labelled_prompts
from oracle.tokenizer_audit import (
    PAGE,
    comparable,
    excluded,
    listing,
    package_tokenizer,
    package_words,
    parsed,
    project_words,
    ranges,
    reason,
)
from random_bundle import random_bundle

from tiny_dancer.hosts import open_kernel
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import read_bundle
from tiny_dancer.scoring.twin.wordpiece import WordPiece
from tiny_dancer.text import cut

FRONT, BACK = 384, 128


class Tokenizers:
    """The three tokenisers over the vocabulary of one bundle."""

    def __init__(self, data: bytes) -> None:
        bundle = read_bundle(data)
        vocabulary, unknown = bundle.vocabulary(), bundle.config.unknown
        self.package = package_tokenizer(vocabulary, vocabulary[unknown][0])
        self.twin = WordPiece(vocabulary, bundle.tensors["vocab.surprisal"], unknown, 1 << 20, 0)
        self.kernel = open_kernel(bundle, FRONT + BACK)

    def check(self, text: str, twin: bool = True) -> None:
        """Compare the tokens of a text, as far as it may be scored at all."""
        data, _ = cut(text)
        clean = data.decode("utf-8", "ignore")
        want = self.package.encode(clean, add_special_tokens=False).ids
        if twin:
            assert list(self.twin.tokens(clean).kept) == want, ascii(clean[:200])
        score = self.kernel.score_text(data, token_ids=True)
        kept = want if len(want) <= FRONT + BACK else want[:FRONT] + want[-BACK:]
        assert list(score.token_ids) == kept, ascii(clean[:200])
        assert score.n_seen == len(want)


@pytest.fixture(scope="module")
def shipped():
    data = default_bundle()
    if data is None:
        pytest.skip("the package holds no bundle yet")
    return Tokenizers(data)


@pytest.fixture(scope="module", params=["random", "shipped"])
def tokenizers(request):
    if request.param == "shipped":
        return request.getfixturevalue("shipped")
    return Tokenizers(random_bundle(5, v=3_000, n=0))


def test_code_points_that_differ_are_exactly_the_listed_ones():
    assert listing() in PAGE.read_text(encoding="utf-8")
    assert len(excluded()[0]) == 659


def test_a_difference_without_a_known_reason_is_an_error():
    with pytest.raises(ValueError, match=r"U\+0062"):
        reason(0x62, ["xby"], ["xcy"])


def test_ranges_are_read_as_written():
    points = [0x41, 0x61, 0x62, 0x1F600, 0x1F601]
    assert ranges(points) == "U+0041, U+0061–0062, U+1F600–1F601"
    assert parsed(ranges(points)) == set(points)


def test_marks_that_are_not_dropped_are_swapped_by_the_package_alone():
    text = "x\u302e\u1b44y"
    assert not comparable(text)
    assert project_words(text) == [text]
    assert package_words(text) == ["x\u1b44\u302ey"]


def hostile_texts(n: int):
    """Random texts: letters of a few blocks, of all planes, marks in rows, words of any length."""
    generator = random.Random(31)
    spans = [(first, last) for _, first, last in BLOCKS] + [(0, 0xFFFF), (0x10000, 0x10FFFF)]
    for _ in range(n):
        chosen = generator.sample(spans, 3)
        size = generator.choice((3, 20, 60, 150))
        points = [generator.randint(*generator.choice(chosen)) for _ in range(size)]
        if generator.random() < 0.5:
            points = [generator.choice((cp, 0x20, 0x61, 0x301, 0x2E)) for cp in points]
        yield "".join(chr(cp) for cp in points if not 0xD800 <= cp < 0xE000)


def test_hostile_texts_give_the_same_words_and_tokens(tokenizers):
    compared = 0
    for text in hostile_texts(20_000):
        if comparable(text):
            compared += 1
            assert project_words(text) == package_words(text), ascii(text)
            tokenizers.check(text)
    assert compared > 15_000


def test_corpus_gives_the_same_tokens(tokenizers):
    compared, prompts = 0, corpus()
    for prompt in prompts:
        if comparable(prompt["prompt"]):
            compared += 1
            tokenizers.check(prompt["prompt"])
    print(f"{compared} of {len(prompts)} prompts of the corpus compared")
    assert compared > 0.9 * len(prompts)


@pytest.mark.data
def test_labelled_prompts_give_the_same_tokens(shipped):
    left_out = count = 0
    for count, (_, prompt) in enumerate(labelled_prompts(), 1):
        if comparable(prompt):
            shipped.check(prompt, twin=count % 10 == 0)
        else:
            left_out += 1
    print(f"{count - left_out} of {count} labelled prompts compared")
    assert left_out <= 0.001 * count
