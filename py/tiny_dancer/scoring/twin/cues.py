"""The sixteen numeric cues of a prompt (docs/kernel.md, section 6)."""

import re
from collections import Counter
from dataclasses import dataclass

from .float32 import Vector, scalar, vector
from .unicode import DROP, unicode_table
from .wordpiece import Tokens

_MATHS = frozenset("+-*/=<>^%|~$\\")
_MATHS_BLOCKS = (range(0x370, 0x400), range(0x2070, 0x20A0), range(0x2190, 0x2300))
_CODE = frozenset("{}[]();_#@&`")
_PUNCTUATION = frozenset(".,:!'\"")
_NUMBER = re.compile("[0-9]+")
_OPTION = re.compile(r"^[ (]*[A-J][.)]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TextCounts:
    """What is counted on the decoded code points, before clean-up."""

    chars: int
    newlines: int
    questions: int
    digits: int
    numbers: int
    upper: int
    maths: int
    code: int
    punct: int
    nonascii: int
    options: int


def count_text(text: str) -> TextCounts:
    """The counts over a text that holds no surrogates."""
    of = Counter(text)
    entry = unicode_table().entry
    dropped = {char for char in of if entry(ord(char))[0] == DROP}
    numbers = _NUMBER.findall(text)
    if dropped:
        text = text.translate({ord(char): None for char in dropped})
        of = Counter(text)
    return TextCounts(
        chars=len(text),
        newlines=of["\n"],
        questions=of["?"],
        digits=sum(map(len, numbers)),
        numbers=len(numbers),
        upper=sum(n for char, n in of.items() if "A" <= char <= "Z"),
        maths=sum(n for char, n in of.items() if _is_maths(char)),
        code=sum(of[char] for char in _CODE),
        punct=sum(of[char] for char in _PUNCTUATION),
        nonascii=sum(n for char, n in of.items() if char > "\x7f"),
        options=len(_OPTION.findall(text)),
    )


def _is_maths(char: str) -> bool:
    return char in _MATHS or any(ord(char) in block for block in _MATHS_BLOCKS)


def saturation(count: float, half: float) -> float:
    """The quotient count / (count + half), each operation in binary32."""
    return scalar(count / scalar(count + half))


def ratio(part: float, whole: float) -> float:
    """The quotient part / whole in binary32, 0 where whole is 0."""
    return scalar(part / whole) if whole else 0.0


def cues(text: TextCounts, tokens: Tokens) -> Vector:
    """The sixteen cues in [0, 1); every count is exact in binary32."""
    return vector(
        (
            saturation(tokens.seen, 32.0),
            saturation(tokens.seen, 256.0),
            saturation(text.newlines, 4.0),
            saturation(text.options, 4.0),
            saturation(text.questions, 1.0),
            saturation(tokens.question_words, 1.0),
            saturation(text.numbers, 4.0),
            ratio(text.digits, text.chars),
            ratio(text.upper, text.chars),
            ratio(text.maths, text.chars),
            ratio(text.code, text.chars),
            ratio(text.punct, text.chars),
            ratio(text.nonascii, text.chars),
            ratio(tokens.continuations, tokens.seen),
            saturation(ratio(tokens.surprisal, tokens.seen), 64.0),
            saturation(ratio(tokens.word_chars, tokens.words), 8.0),
        )
    )
