"""The bytes that a run leaves in the kernel's result block (docs/kernel.md, section 3)."""

import struct
from collections.abc import Sequence
from typing import Any, Final

from pools import score_request

from tiny_dancer.candidates.layout import Packed
from tiny_dancer.scoring.protocol import MAX_ROWS, Ranking, TextScore

_HEADS: Final = 16
_HEAD_INPUTS: Final = 192
_TOKENS: Final = 512
_EMBEDDING: Final = 64

START_FROM_TEXT: Final = 4
HEAD_INPUTS: Final = 8
TOKEN_IDS: Final = 16
EMBEDDING: Final = 32
"""Flags of the request block."""

NO_TEXT: Final = TextScore((0, 0, 0, 0, 0, b"", b""))


def twin_block(
    twin: Any,
    n_models: int,
    text: bytes | None,
    flags: int = 0,
    candidates: int | Packed | None = None,
    query: Any = None,
    **request: int,
) -> bytes:
    """What the twin says of a request, as the kernel leaves it in its result block.

    Args:
        twin: a `TwinScorer`.
        n_models: models of its bundle.
        text: as for `score_request`.
        flags: 4, 8, 16 and 32 of the request block count.
        candidates: as for `score_request`; None: the text alone is scored.
        query: as for `score_request`.
        request: k, now, pairs and n_pairs.
    """
    asked = {"head_inputs": bool(flags & HEAD_INPUTS), "token_ids": bool(flags & TOKEN_IDS)}
    ranking = Ranking()
    if candidates is not None:
        start = bool(flags & START_FROM_TEXT)
        score, ranking = score_request(
            twin, text, query, candidates, start_from_text=start, **request, **asked
        )
    else:
        score = None if text is None else twin.score_text(text, **asked)
    n = candidates.n if isinstance(candidates, Packed) else candidates or 0
    embedding = twin.embed(text) if text is not None and flags & EMBEDDING else ()
    return result_block(n_models, score, n, ranking, embedding)


def result_block(
    n_models: int, text: TextScore | None, n: int, ranking: Ranking, embedding: Sequence[float]
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
