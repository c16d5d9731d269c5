"""From text to tokens: clean-up, words, longest prefix first (docs/kernel.md, section 5)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ...model.spec import CONTINUATION, QUESTION_WORD
from .unicode import DROP, SPACE, WORD, unicode_table

LONGEST_WORD: Final = 100
"""Code points; a longer word is one unknown token."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a text and what was counted on the way.

    Attributes:
        kept: ids of the first and the last tokens, all of them where they fit.
        seen: tokens of the whole text.
        unknown, continuations, question_words: those of them that are so.
        surprisal: their sum, in 1/8 bit.
        words: words that are neither punctuation nor an ideograph.
        word_chars: code points of these words.
    """

    kept: tuple[int, ...]
    seen: int
    unknown: int
    continuations: int
    question_words: int
    surprisal: int
    words: int
    word_chars: int

    @property
    def truncated(self) -> bool:
        """Whether tokens of the middle were left out."""
        return len(self.kept) < self.seen


def words(text: str) -> Iterator[tuple[str, bool]]:
    """The cleaned words of a text in order, and for each whether it stands alone.

    Alone stand punctuation and ideographs, which are a word whatever surrounds them.
    """
    entry = unicode_table().entry
    known: dict[str, tuple[int, str]] = {}
    word: list[str] = []
    for char in text:
        if char not in known:
            known[char] = entry(ord(char))
        cls, replacement = known[char]
        if cls == WORD:
            word.append(replacement)
        elif cls != DROP:
            if word:
                yield "".join(word), False
                word.clear()
            if cls != SPACE:
                yield replacement, True
    if word:
        yield "".join(word), False


class WordPiece:
    """A tokeniser.

    Args:
        vocabulary: string (without `##`) and flags of each entry, by id.
        surprisal: of each entry, in 1/8 bit.
        unknown: id of the token for words that the entries do not make up.
        front, back: tokens kept at the two ends of a text.
    """

    def __init__(
        self,
        vocabulary: Sequence[tuple[str, int]],
        surprisal: Sequence[int],
        unknown: int,
        front: int,
        back: int,
    ) -> None:
        self._flags = [flags for _, flags in vocabulary]
        self._surprisal = surprisal
        self._unknown = unknown
        self._front = front
        self._back = back
        self._longest = max(len(piece) for piece, _ in vocabulary)
        self._first: dict[str, int] = {}
        self._later: dict[str, int] = {}
        for index, (piece, flags) in enumerate(vocabulary):
            pieces = self._later if flags & CONTINUATION else self._first
            pieces.setdefault(piece, index)

    def tokens(self, text: str) -> Tokens:
        """The tokens of a text that holds no surrogates."""
        ids: list[int] = []
        n_words = word_chars = 0
        for word, alone in words(text):
            if not alone:
                n_words += 1
                word_chars += len(word)
            ids += self.pieces(word)
        return self._counted(ids, n_words, word_chars)

    def pieces(self, word: str) -> list[int]:
        """Ids of the pieces of a cleaned word."""
        if len(word) > LONGEST_WORD:
            return [self._unknown]
        ids: list[int] = []
        start = 0
        while start < len(word):
            pieces = self._later if start else self._first
            for end in range(min(len(word), start + self._longest), start, -1):
                if (found := pieces.get(word[start:end])) is not None:
                    break
            else:
                return [self._unknown]
            ids.append(found)
            start = end
        return ids

    def _counted(self, ids: Sequence[int], n_words: int, word_chars: int) -> Tokens:
        seen = len(ids)
        if seen > self._front + self._back:
            kept = (*ids[: self._front], *ids[seen - self._back :])
        else:
            kept = tuple(ids)
        return Tokens(
            kept=kept,
            seen=seen,
            unknown=ids.count(self._unknown),
            continuations=self._flagged(ids, CONTINUATION),
            question_words=self._flagged(ids, QUESTION_WORD),
            surprisal=sum(self._surprisal[i] for i in ids),
            words=n_words,
            word_chars=word_chars,
        )

    def _flagged(self, ids: Iterable[int], flag: int) -> int:
        return sum(1 for i in ids if self._flags[i] & flag)
