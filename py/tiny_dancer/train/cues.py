"""The sixteen numeric cues of a prompt, as docs/kernel.md section 6 defines them, in float64.

For training only: the kernel and its twin are exact in f32, this is close. Words and their
lengths come from the tokeniser (`train.vocabulary`).
"""

import re
import unicodedata

import numpy as np
import numpy.typing as npt

MATHS = frozenset("+-*/=<>^%|~$\\") | {
    chr(c) for a, b in ((0x370, 0x400), (0x2070, 0x20A0), (0x2190, 0x2300)) for c in range(a, b)
}
CODE = frozenset("{}[]();_#@&`")
PUNCTUATION = frozenset(".,:!'\"")
_OPTION = re.compile(r"^[ (]*[A-J][.)]", re.MULTILINE)
_NUMBER = re.compile(r"[0-9]+")
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")


def _kept(text: str) -> str:
    """Return the text without code points that the clean-up drops (tab, LF and CR are spaces)."""
    if text.isascii() and text.isprintable():
        return text
    text = _DROPPED.sub("", text)
    if text.isascii():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Co", "Cs"))


def _sat(n: float, c: float) -> float:
    return n / (n + c)


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0


def cues(
    text: str,
    seen: int,
    continuations: int,
    question_words: int,
    surprisal: float,
    words: int,
    word_chars: int,
) -> npt.NDArray[np.float32]:
    """Return the 16 cues in [0, 1); `surprisal` is a sum in 1/8 bit, the rest are counts."""
    text = _kept(text)
    chars = len(text)
    numbers = _NUMBER.findall(text)
    share = lambda signs: _ratio(sum(c in signs for c in text), chars)  # noqa: E731
    return np.array(
        [
            _sat(seen, 32),
            _sat(seen, 256),
            _sat(text.count("\n"), 4),
            _sat(len(_OPTION.findall(text)), 4),
            _sat(text.count("?"), 1),
            _sat(question_words, 1),
            _sat(len(numbers), 4),
            _ratio(sum(map(len, numbers)), chars),
            _ratio(sum("A" <= c <= "Z" for c in text), chars),
            share(MATHS),
            share(CODE),
            share(PUNCTUATION),
            _ratio(sum(c > "\x7f" for c in text), chars),
            _ratio(continuations, seen),
            _sat(_ratio(surprisal, seen), 64),
            _sat(_ratio(word_chars, words), 8),
        ],
        np.float32,
    )
