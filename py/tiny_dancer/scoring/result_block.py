"""The bytes that a run leaves in the kernel's result block (docs/kernel.md, section 3)."""

import struct
from typing import Final

from .protocol import MAX_ROWS, Ranking, TextScore
from .twin.float32 import Vector

_HEADS: Final = 16
_HEAD_INPUTS: Final = 192
_TOKENS: Final = 512
_EMBEDDING: Final = 64

NO_TEXT: Final = TextScore(0, 0, 0, 0, 0, (), (), ())


def result_block(
    n_models: int, text: TextScore | None, n: int, ranking: Ranking, embedding: Vector
) -> bytes:
    """The 5,440 bytes of a run without error, zeros where nothing was asked for.

    Args:
        n_models: models of the bundle.
        text: numbers of the text, if there was one.
        n: candidates scored.
        ranking: the best of them.
        embedding: of the text, or empty.
    """
    score = NO_TEXT if text is None else text
    head = struct.pack(
        "<i7I32x",
        0,
        score.n_tokens,
        score.n_seen,
        score.n_unknown,
        score.flags,
        score.surprisal,
        n_models,
        len(score.head_inputs),
    )
    values: list[float] = []
    for group in (score.logits, score.probabilities, score.scores):
        values += _filled(group, _HEADS)
    values += _filled(tuple(score.head_inputs), _HEAD_INPUTS)
    ids = (*score.token_ids, *[0] * (_TOKENS - len(score.token_ids)))
    return (
        head
        + struct.pack(f"<{len(values)}f{_TOKENS}I", *values, *ids)
        + struct.pack("<2I8x", len(ranking), n)
        + ranking.data.ljust(MAX_ROWS * Ranking.ROW_BYTES, b"\0")
        + struct.pack(f"<{_EMBEDDING}f48x", *_filled(tuple(embedding), _EMBEDDING))
    )


def _filled(values: tuple[float, ...], size: int) -> tuple[float, ...]:
    return (*values, *[0.0] * (size - len(values)))
