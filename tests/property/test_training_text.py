# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Training reads a prompt as the kernel does: the same tokens, the same bits of every cue."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("tokenizers")

from corpus.make_corpus import corpus
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tiny_dancer.hosts import open_kernel
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import read_bundle
from tiny_dancer.model.spec import CONTINUATION, CUES
from tiny_dancer.text import cut
from tiny_dancer.train.encoded import encoded
from tiny_dancer.train.vocabulary import BACK, FRONT, Vocabulary

BUNDLE = read_bundle(default_bundle())
VOCABULARY = Vocabulary(
    tuple("##" * bool(flags & CONTINUATION) + entry for entry, flags in BUNDLE.vocabulary()),
    np.frombuffer(BUNDLE.tensors["vocab.surprisal"], np.uint8),
)


@pytest.fixture(scope="module")
def kernel():
    return open_kernel(BUNDLE, FRONT + BACK)


def check(kernel, *texts: str) -> None:
    read = encoded(VOCABULARY, texts)
    for k, text in enumerate(texts):
        score = kernel.score_text(cut(text)[0], head_inputs=True, token_ids=True)
        assert read.ids[k].tolist() == list(score.token_ids)
        want = np.array(score.head_inputs, np.float32)[-CUES:]
        assert read.cues[k].tobytes() == want.tobytes()


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(st.characters(max_codepoint=127)))
@example("e\u0301a\u0300 marks")
@example("1\x002\x003 digits with nothing between")
@example("1\ufffd2\u200d3")
@example(" ((A\x01) option\n\x02B. option\r\nC) option\x0bD) none")
@example("ab\x0bcd\x1cef\x7fgh")
@example("\ud800 lone surrogate \udfff")
@example("a" * 100 + " " + "b" * 101)
@example("\uac00\uac01 \u4e2d\u6587 ﬁ ẞ İ")
@example("")
def test_any_text(kernel, text: str) -> None:
    check(kernel, text)


def test_every_fifth_prompt_of_the_corpus(kernel) -> None:
    check(kernel, *(row["prompt"] for row in corpus()[::5]))
