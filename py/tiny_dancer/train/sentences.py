"""Vectors of sentences by an encoder: batches of prompts that are about equally long."""

from collections.abc import Callable, Sequence

import jax
import numpy as np
import numpy.typing as npt

Pool = Callable[[npt.NDArray[np.int32], npt.NDArray[np.float32]], jax.Array]
"""Takes tokens and mask, both [B, T], and returns [B, width]."""

_STEP = 16
"""Lengths are rounded up to this, so that few shapes are compiled."""


def encode_sentences(
    ids: Sequence[Sequence[int]],
    pool: Pool,
    *,
    width: int,
    padding: int,
    chunk: int,
    progress: Callable[[str], None] = lambda line: None,
) -> npt.NDArray[np.float32]:
    """Return [N, width]: what `pool` makes of each list of tokens.

    Args:
        ids: tokens of each prompt, at least one.
        pool: the encoder; compiled once for each length.
        width: numbers in a vector.
        padding: the token that stands where a prompt is shorter than its batch.
        chunk: tokens in a batch.
        progress: takes a line for each tenth of the prompts.
    """
    length = np.array([len(i) for i in ids])
    order = np.argsort(length, kind="stable")
    out = np.zeros((len(ids), width), np.float32)
    start, told = 0, 0
    while start < len(order):
        longest = -(-int(length[order[start]]) // _STEP) * _STEP
        size = max(1, chunk // longest)
        rows = order[start : start + size]
        rows = rows[length[rows] <= longest]
        tokens = np.full((size, longest), padding, np.int32)
        mask = np.zeros((size, longest), np.float32)
        mask[:, 0] = 1  # a row that is left over has a token too, so that its mean is a number
        for k, row in enumerate(rows):
            tokens[k, : length[row]] = ids[row]
            mask[k, : length[row]] = 1
        out[rows] = np.asarray(pool(tokens, mask))[: len(rows)]
        start += len(rows)
        if start * 10 // len(order) > told:
            told = start * 10 // len(order)
            progress(f"{start:,} of {len(order):,} prompts")
    return out
