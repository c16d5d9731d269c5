"""The kernel and its twin leave the same bytes, whatever the text and the model."""

import random

import pytest
from corpus.make_corpus import corpus
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_bundle import random_bundle
from result_block import twin_block

from tiny_dancer.hosts.cpython import WasmtimeHost
from tiny_dancer.hosts.package_data import default_bundle, kernel_wasm
from tiny_dancer.model import image, read_bundle
from tiny_dancer.scoring.twin.scorer import TwinScorer
from tiny_dancer.text import cut

TEXT, HEAD_INPUTS, TOKEN_IDS = 1, 8, 16
HEADER = 64

# hidden units, models, tokens kept, spread of the weights (30: most units saturate)
MODELS = [
    (16, 2, 4, 1.0),
    (16, 3, 5, 30.0),
    (16, 16, 64, 3.0),
    (32, 2, 512, 1.0),
    (32, 4, 63, 30.0),
    (32, 5, 9, 0.1),
    (48, 2, 31, 1.0),
    (48, 9, 16, 30.0),
    (64, 2, 17, 1.0),
    (64, 7, 8, 3.0),
    (64, 16, 33, 30.0),
]


class Pair:
    """One model in the kernel and in the twin."""

    def __init__(self, data: bytes, max_tokens: int) -> None:
        bundle = read_bundle(data)
        self.twin = TwinScorer(bundle, max_tokens)
        self.host = WasmtimeHost(kernel_wasm(), image(bundle, max_tokens))
        self.models = bundle.sizes["M"]
        self.inputs = 2 * bundle.sizes["H"] + 16

    def kernel_block(self, text: bytes, flags: int) -> bytes:
        host = self.host
        words = host.block[:HEADER].cast("I")
        host.block[HEADER : HEADER + len(text)] = text
        for word, value in enumerate((HEADER + len(text), len(host.result), flags, len(text), 64)):
            words[word] = value
        assert host.run() == 0
        return bytes(host.result)

    def check(self, text: bytes, extra: int = HEAD_INPUTS | TOKEN_IDS) -> bytes:
        """Compare the two blocks as far as they were asked for; the kernel's block."""
        got = self.kernel_block(text, TEXT | extra)
        want = twin_block(self.twin, self.models, text, extra)
        assert got[:256] == want[:256]
        if extra & HEAD_INPUTS:
            end = 256 + 4 * self.inputs
            assert got[256:end] == want[256:end]
        if extra & TOKEN_IDS:
            end = 1024 + 4 * int.from_bytes(want[4:8], "little")
            assert got[1024:end] == want[1024:end]
        return got


def pair(model: tuple[int, int, int, float]) -> Pair:
    hidden, models, max_tokens, spread = model
    data = random_bundle(hidden * models, h=hidden, m=models, n=0, spread=spread)
    return Pair(data, max_tokens)


@pytest.fixture(
    scope="module",
    params=[*MODELS, None],
    ids=[*(f"H{hidden}-M{models}" for hidden, models, _, _ in MODELS), "shipped"],
)
def both(request):
    if request.param is not None:
        return pair(request.param)
    data = default_bundle()
    if data is None:
        pytest.skip("the package holds no bundle yet")
    return Pair(data, 512)


PIECES = st.sampled_from(
    [
        "what", "is the capital", "tion", "theorem", "e", "E", " ", "\n", "\r\n", "\t", "\x00", "?",
        "A.", "(B) ", "\n((C)", "J)", "1", "23", "1\x002", "1\u200b2", "x", "$", "\\", "{", "'",
        "é", "e\u0301", "Å", "İ", "ß", "ẞ", "Σ", "ﬁ", "≠", "½", "α", "∑", "₂", "한", "각", "ᄒ", "ᅡ",
        "東", "豈", "\U0002f800", "\U00020000", "\ufffd", "\ufeff", "\u00ad", "\ud800", "\udfff",
        "\U0010ffff", "\U000e0041", "\U0001f600", "\u0301", "\U0001d15e", "a" * 100, "b" * 101,
        "c" * 99 + "é", "d" * 99 + "\u0301e", "한" * 50, "a" * 5000,
    ]
)  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
MIXED_TEXT = st.lists(PIECES | st.text(max_size=3), max_size=60).map("".join)
BOUNDED = settings(max_examples=100, deadline=None, derandomize=True)


def encoded(text: str) -> bytes:
    return cut(text)[0]


@BOUNDED
@given(text=MIXED_TEXT, extra=st.sampled_from([0, HEAD_INPUTS, TOKEN_IDS, 24]))
@example(text="", extra=24)
@example(text="\x00\u200d\ufffd", extra=24)
def test_mixed_text_gives_the_same_bits(both, text, extra):
    both.check(encoded(text), extra)


@BOUNDED
@given(text=ANY_TEXT)
def test_any_code_points_give_the_same_bits(both, text):
    both.check(encoded(text))


@BOUNDED
@given(data=st.binary(max_size=300) | st.binary(max_size=60).map(lambda b: b"A. what? " + b * 9))
@example(data=b"a\xf0\x9f\x98 b\xed\xa0\x80c\xc0\x80\xf4\x90\x80\x80\xe2\x82")
def test_any_bytes_give_the_same_bits(both, data):
    both.check(data)


@settings(BOUNDED, max_examples=8)
@given(piece=MIXED_TEXT.filter(bool), length=st.integers(60_000, 70_000))
def test_texts_at_the_limit_give_the_same_bits(both, piece, length):
    text = encoded(piece * (length // len(piece.encode("utf-8", "surrogatepass")) + 1))
    both.check(text)


def test_a_megabyte_gives_the_same_bits(both):
    generator = random.Random(12)
    text = "".join(generator.choice("what is the theorem 1 é한東\n?A.( ") for _ in range(900_000))
    assert len(text.encode()) > 1_000_000
    data, was_cut = cut(text)
    assert was_cut and 65_536 - 6 <= len(data) <= 65_536
    both.check(data)


def test_every_code_point_gives_the_same_bits():
    both = pair(MODELS[0])
    empty_planes = range(0x40000, 0xE0000, 997)
    private = range(0xE0200, 0x110000, 61)
    ends = [0xF0000, 0xFFFFD, 0xFFFFE, 0xFFFFF, 0x100000, 0x10FFFD, 0x10FFFE, 0x10FFFF]
    points = [*range(0x40000), *empty_planes, *range(0xE0000, 0xE0200), *private, *ends]
    step = 4_000
    for start in range(0, len(points), step):
        part = points[start : start + step]
        both.check("".join(f"a{chr(c)} " for c in part if not 0xD800 <= c < 0xE000).encode())


def test_no_request_changes_the_next():
    both = pair(MODELS[3])
    texts = [text.encode() for text in ("what is the capital?", "é" * 3_000, "", "a " * 30_000)]
    alone = {text: both.check(text) for text in texts}
    generator = random.Random(1)
    for text in generator.choices(texts, k=40):
        n_kept = int.from_bytes(alone[text][4:8], "little")
        for end in (256 + 4 * both.inputs, 1024 + 4 * n_kept):
            begin = 1024 if end > 1024 else 0
            assert both.kernel_block(text, 25)[begin:end] == alone[text][begin:end]


def test_the_whole_corpus_gives_the_same_bits():
    data = default_bundle()
    pairs = [pair(MODELS[1]), pair(MODELS[3]) if data is None else Pair(data, 512)]
    flagged = 0
    for prompt in corpus():
        text, _ = cut(prompt["prompt"])
        for both in pairs:
            flagged += both.check(text)[16] != 0
    assert flagged > 0, "the corpus should hold long or malformed prompts"
