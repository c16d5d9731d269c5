"""The turns of a user in a conversation, as they are scored. Pure."""

import re
from collections.abc import Sequence
from typing import Final

SHORT_WORDS: Final = 5
"""A turn of at most so many words, such as "and in Rust?", is scored behind the one before it."""

_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Letters of scripts without spaces (Thai, Lao, Burmese, Khmer, Japanese, Chinese): half a word."""

CONTEXT_CHARS: Final = 4_096
"""Of the turn before, from its two ends: more than the tokens that a scorer looks at."""

MAX_TURNS: Final = 64
"""So many of the last user turns are decided on."""


def join_short_turns(turns: Sequence[str]) -> tuple[str, ...]:
    """The last `MAX_TURNS` turns, a short one behind the text of the turn before it."""
    texts: list[str] = []
    for turn in turns[-MAX_TURNS:]:
        leans = texts and is_short(turn)
        texts.append(f"{_cut_context(texts[-1])}\n{turn}" if leans else turn)
    return tuple(texts)


def is_short(turn: str) -> bool:
    """True for a turn that says little without the one before it."""
    words = len(turn.split(None, SHORT_WORDS))
    return words <= SHORT_WORDS and words + len(_UNSPACED.findall(turn)) // 2 <= SHORT_WORDS


def _cut_context(text: str) -> str:
    """A turn that others are scored behind: cut, since up to 63 of them copy it."""
    if len(text) <= CONTEXT_CHARS:
        return text
    back = CONTEXT_CHARS // 4
    return f"{text[: CONTEXT_CHARS - back]}\n{text[-back:]}"
