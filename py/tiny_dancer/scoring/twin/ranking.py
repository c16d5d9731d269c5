"""Scores candidates and ranks them: features, step, the best k (docs/kernel.md, section 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from typing import Final

from ..protocol import Ranking
from .candidate_set import CandidateSet
from .candidate_step import CandidateStep
from .float32 import Vector, exp2, over, plus, scalar, scaled, shifted, vector

NONE_FITS: Final = 0.1
"""Assumed chance that no candidate of a request fits: docs/candidates.md."""

_NONE_FITS, _ONE_FITS = scalar(NONE_FITS), scalar(1.0 - NONE_FITS)
_LOG2_E: Final = scalar(1.44269504)
_LANES: Final = 4

_OLDEST: Final = (1 << 31) - 1
_ROW: Final = Struct("<I7f")


@dataclass(frozen=True, slots=True)
class CandidateQuery:
    """What candidates are scored against.

    Attributes:
        vector: the query, padded as the rows are.
        state: where the step starts from.
        now: seconds since 1970.
        pairs: bits of the request's key=value pairs.
        n_pairs: how many pairs the request has.
    """

    vector: Vector
    state: Vector
    now: int
    pairs: int
    n_pairs: int


def rank(
    step: CandidateStep, candidates: CandidateSet, n: int, query: CandidateQuery, k: int
) -> Ranking:
    """The k best of the first n candidates by logit, of equals the one with the lower index.

    Raises:
        InvalidInputError: the query is not finite, or too large or too small for binary32 sums.
    """
    features = _features(step, candidates, n, query)
    logits = step.logits(features, query.state)
    probabilities = chances(logits)
    order = sorted(range(n), key=lambda index: -logits[index])[:k]
    return Ranking(
        b"".join(
            _ROW.pack(index, logits[index], probabilities[index], *(x[index] for x in features))
            for index in order
        )
    )


def chances(logits: Vector) -> Vector:
    """P(it is the one that fits) of each of a request's candidates.

    e^logit is how much likelier the features are of a candidate that fits than of one that does
    not. One of n fits with the same chance each, and none with `NONE_FITS`, so by Bayes' rule
    p = c e^logit / (NONE_FITS + c Σ e^logit) with c = (1 − NONE_FITS) / n. They sum to less than 1.
    """
    if not logits:
        return vector(())
    odds = exp2(scaled(_LOG2_E, logits))
    prior = scalar(_ONE_FITS / len(logits))
    padded = odds + vector([0.0] * (-len(odds) % _LANES))
    sums = vector([0.0] * _LANES)
    for at in range(0, len(padded), _LANES):
        sums = plus(sums, padded[at : at + _LANES])
    total = scalar(scalar(sums[0] + sums[1]) + scalar(sums[2] + sums[3]))
    every = scalar(_NONE_FITS + scalar(prior * total))
    return over(scaled(prior, odds), vector([every]) * len(odds))


def _features(
    step: CandidateStep, candidates: CandidateSet, n: int, query: CandidateQuery
) -> tuple[Vector, ...]:
    """Similarity, recency, frequency, success and overlap, one vector over all candidates each."""
    return (
        shifted(0.5, scaled(0.5, candidates.cosines(query.vector, n))),
        _recency(candidates.created[:n], query.now, step.inverse_half_life),
        candidates.frequency[:n],
        candidates.success[:n],
        _overlap(candidates.pairs[:n], query.pairs, query.n_pairs),
    )


def _recency(created: Iterable[int], now: int, inverse_half_life: float) -> Vector:
    ages = vector(min(max(now - then, 0), _OLDEST) for then in created)
    return exp2(scaled(-inverse_half_life, ages))


def _overlap(pairs: list[int], wanted: int, number: int) -> Vector:
    if not number:
        return vector([0.0] * len(pairs))
    shared = [float((bits & wanted).bit_count()) for bits in pairs]
    return over(shared, [scalar(float(number))] * len(shared))
