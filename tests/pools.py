"""Requests of a scorer in one call: the pool of candidates is made anew for each."""

from array import array
from typing import Any

from tiny_dancer.candidates.layout import Packed
from tiny_dancer.candidates.pool import CandidatePool
from tiny_dancer.scoring.protocol import RequestScore, Scorer


def score_request(
    scorer: Scorer,
    text: bytes | None,
    query: Any,
    candidates: int | Packed,
    *,
    k: int,
    now: int,
    pairs: int = 0,
    n_pairs: int = 0,
    start_from_text: bool = True,
    **more: bool,
) -> RequestScore:
    """What a scorer says of so many residents, or of these candidates.

    Args:
        scorer: the kernel's or the twin.
        text: as for `Scorer.score_request`, like `now` and `more`.
        query: float32 numbers or their bytes; None: the text's embedding.
        candidates: how many of the residents (the first ones), or the request's own.
        k: rows of the ranking at most, like all that follow as in `CandidatePool`.
    """
    if isinstance(query, bytes):
        query = array("f", query)
    packed = candidates if isinstance(candidates, Packed) else None
    n = candidates.n if isinstance(candidates, Packed) else candidates
    if packed is not None:
        dimension = packed.dimension
    else:
        dimension = len(query) if query is not None else len(scorer.embed(b""))
    ids = [str(i) for i in range(n)]
    pool = CandidatePool(ids, dimension, packed, k, pairs, n_pairs, start_from_text=start_from_text)
    return scorer.score_request(pool, query, now, text, **more)
