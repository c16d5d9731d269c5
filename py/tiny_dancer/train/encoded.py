"""Prompts as the network takes them: token ids, cues, and batches of one padded length."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..model.spec import CONTINUATION, QUESTION_WORD
from .cues import cues
from .vocabulary import Vocabulary, cut, encode

BUCKETS = (16, 32, 64, 96, 128, 192, 256, 384, 512)
"""Padded lengths; every prompt goes to the first that holds it."""

_WORD = re.compile(r"[^\W_]+")

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


def encoded(vocabulary: Vocabulary, prompts: Sequence[str]) -> Encoded:
    """Return the prompts as tokens and cues."""
    every = encode(vocabulary.tokenizer(), prompts)
    flags = vocabulary.flags
    surprisal = vocabulary.surprisal.astype(np.int64)
    sums = np.array([surprisal[ids].sum() for ids in every], np.int64)
    rows = []
    for text, ids, total in zip(prompts, every, sums, strict=True):
        words = _WORD.findall(text)
        marks = flags[ids]
        rows.append(
            cues(
                text,
                len(ids),
                int(((marks & CONTINUATION) > 0).sum()),
                int(((marks & QUESTION_WORD) > 0).sum()),
                float(total),
                len(words),
                sum(map(len, words)),
            )
        )
    kept = tuple(cut(ids) for ids in every)
    length = np.array([len(ids) for ids in kept], np.int64)
    return Encoded(
        kept,
        np.array(rows, np.float32),
        np.array([len(ids) for ids in every], np.int64),
        sums,
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
