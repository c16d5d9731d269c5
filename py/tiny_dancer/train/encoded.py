"""Prompts as the network takes them: token ids, cues, and batches of one padded length.

Counts and cues come from the package's own code, so training reads what the kernel reads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..model.spec import CUES
from ..scoring.twin.cues import count_text, cues
from ..scoring.twin.wordpiece import Tokens, WordPiece
from ..text import cut
from .vocabulary import BACK, FRONT, Vocabulary, encode

BUCKETS = (16, 32, 64, 96, 128, 192, 256, 384, 512)
"""Padded lengths; every prompt goes to the first that holds it."""

_WORD = re.compile("[A-Za-z0-9]+")
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Encoded:
    """N prompts under one vocabulary."""

    ids: tuple[npt.NDArray[np.int32], ...]
    """Tokens kept of each prompt."""
    cues: npt.NDArray[np.float32]
    """[N, 16]"""
    seen: npt.NDArray[np.int64]
    """[N] tokens of the whole prompt."""
    surprisal: npt.NDArray[np.int64]
    """[N] sum over the tokens seen, in 1/8 bit."""
    bucket: npt.NDArray[np.int64]
    """[N] padded length."""


class _Tokenizer(WordPiece):
    """The package's tokeniser; where it is plain, the `tokenizers` package takes ASCII apart.

    That is twenty times as fast and gives the same tokens (docs/tokenizer.md).
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        entries = [entry.removeprefix("##") for entry in vocabulary.entries]
        flags = vocabulary.flags.tolist()
        pairs = list(zip(entries, flags, strict=True))
        super().__init__(pairs, vocabulary.surprisal.tolist(), 0, FRONT, BACK)
        self._fast = vocabulary.tokenizer()

    def every(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of texts that hold no surrogates."""
        plain = encode(self._fast, [text if text.isascii() else "" for text in texts])
        return [
            self._plain(text, ids.tolist()) if text.isascii() else self.tokens(text)
            for text, ids in zip(texts, plain, strict=True)
        ]

    def _plain(self, text: str, ids: list[int]) -> Tokens:
        found = _WORD.findall(_DROPPED.sub("", text))
        return self._counted(ids, len(found), sum(map(len, found)))


def encoded(vocabulary: Vocabulary, prompts: Sequence[str]) -> Encoded:
    """Return the prompts as tokens and cues."""
    texts = [cut(prompt)[0].decode("utf-8", "ignore") for prompt in prompts]
    tokens = _Tokenizer(vocabulary).every(texts)
    rows = [cues(count_text(text), t) for text, t in zip(texts, tokens, strict=True)]
    length = np.array([len(t.kept) for t in tokens], np.int64)
    return Encoded(
        tuple(np.array(t.kept, np.int32) for t in tokens),
        np.array(rows, np.float32).reshape(-1, CUES),
        np.array([t.seen for t in tokens], np.int64),
        np.array([t.surprisal for t in tokens], np.int64),
        np.array(BUCKETS)[np.searchsorted(BUCKETS, length)],
    )


def batches(
    data: Encoded, rows: Index, size: int, rng: np.random.Generator | None = None
) -> Iterator[tuple[Index, npt.NDArray[np.int32], npt.NDArray[np.bool_]]]:
    """Yield (rows, ids [T, size], kept [T, size, 1]) of batches of one bucket each.

    Shuffled by `rng`, in order without. The last batch of a bucket is padded with empty columns.
    """
    parts = []
    for length in BUCKETS:
        inside = rows[data.bucket[rows] == length]
        if rng is not None:
            inside = rng.permutation(inside)
        parts += [(length, inside[i : i + size]) for i in range(0, len(inside), size)]
    order = rng.permutation(len(parts)) if rng is not None else np.arange(len(parts))
    for k in order:
        length, chosen = parts[k]
        ids = np.zeros((length, size), np.int32)
        kept = np.zeros((length, size, 1), bool)
        for column, row in enumerate(chosen):
            tokens = data.ids[row]
            ids[: len(tokens), column] = tokens
            kept[: len(tokens), column] = True
        yield chosen, ids, kept


def steps(data: Encoded, rows: Index, size: int) -> int:
    """Return the number of batches of one pass."""
    return sum(-(-int((data.bucket[rows] == length).sum()) // size) for length in BUCKETS)
