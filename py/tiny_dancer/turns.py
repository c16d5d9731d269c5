"""The turns of a user in a conversation, as they are scored. Pure."""

from collections.abc import Sequence
from typing import Final

SHORT_WORDS: Final = 5
"""A turn of at most so many words, such as "and in Rust?", is scored behind the one before it."""

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
    return len(turn.split(None, SHORT_WORDS)) <= SHORT_WORDS


def _cut_context(text: str) -> str:
    """A turn that others are scored behind: cut, since up to 63 of them copy it."""
    if len(text) <= CONTEXT_CHARS:
        return text
    back = CONTEXT_CHARS // 4
    return f"{text[: CONTEXT_CHARS - back]}\n{text[-back:]}"
