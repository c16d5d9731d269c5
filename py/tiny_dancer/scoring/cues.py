"""The sixteen numeric cues of a prompt (docs/kernel.md, section 6)."""

from dataclasses import dataclass

from .float32 import Vector, scalar, vector
from .unicode import DROP, unicode_table
from .wordpiece import Tokens

_DIGITS = frozenset("0123456789")
_MATHS = frozenset("+-*/=<>^%|~$\\")
_MATHS_BLOCKS = (range(0x370, 0x400), range(0x2070, 0x20A0), range(0x2190, 0x2300))
_CODE = frozenset("{}[]();_#@&`")
_PUNCTUATION = frozenset(".,:!'\"")
_OPTION_LETTERS = frozenset("ABCDEFGHIJ")


@dataclass(slots=True)
class TextCounts:
    """What is counted on the decoded code points, before clean-up."""

    chars: int = 0
    newlines: int = 0
    questions: int = 0
    digits: int = 0
    numbers: int = 0
    upper: int = 0
    maths: int = 0
    code: int = 0
    punct: int = 0
    nonascii: int = 0
    options: int = 0


def count_text(text: str) -> TextCounts:
    """The counts over a text that holds no surrogates."""
    counts = TextCounts()
    entry = unicode_table().entry
    dropped: dict[str, bool] = {}
    line = ""
    in_number = False
    for char in text:
        if char not in dropped:
            dropped[char] = entry(ord(char))[0] == DROP
        if dropped[char]:
            in_number = False
            continue
        counts.chars += 1
        digit = char in _DIGITS
        counts.numbers += digit and not in_number
        in_number = digit
        _count_char(counts, char, digit)
        line, option = _option_step(line, char)
        counts.options += option
    return counts


def _count_char(counts: TextCounts, char: str, digit: bool) -> None:
    counts.digits += digit
    counts.newlines += char == "\n"
    counts.questions += char == "?"
    counts.upper += "A" <= char <= "Z"
    counts.maths += char in _MATHS or any(ord(char) in block for block in _MATHS_BLOCKS)
    counts.code += char in _CODE
    counts.punct += char in _PUNCTUATION
    counts.nonascii += char > "\x7f"


_BEGIN, _LETTER, _OTHER = "", "letter", "other"


def _option_step(state: str, char: str) -> tuple[str, bool]:
    """Where in a line we are after this character, and whether it completes an option's mark."""
    if char == "\n":
        return _BEGIN, False
    if state == _BEGIN and char in " (":
        return _BEGIN, False
    if state == _BEGIN and char in _OPTION_LETTERS:
        return _LETTER, False
    return _OTHER, state == _LETTER and char in ".)"


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
