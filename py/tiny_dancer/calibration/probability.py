"""How good probabilities are: calibration error, reliability, area under ROC, log-loss."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, log, nan


@dataclass(frozen=True, slots=True)
class Bin:
    """Prompts of about the same probability.

    Attributes:
        mean: of the probabilities.
        share: share of prompts that the model answered well.
        count: number of prompts.
    """

    mean: float
    share: float
    count: int


def reliability(p: Iterable[float], right: Iterable[float], bins: int = 10) -> list[Bin]:
    """The bins of equal width that hold a prompt, in order of probability."""
    inside: list[list[tuple[float, float]]] = [[] for _ in range(bins)]
    for q, y in zip(p, right, strict=True):
        inside[min(int(q * bins), bins - 1)].append((float(q), float(y)))
    return [
        Bin(fsum(q for q, _ in rows) / len(rows), fsum(y for _, y in rows) / len(rows), len(rows))
        for rows in inside
        if rows
    ]


def calibration_error(p: Iterable[float], right: Iterable[float], bins: int = 15) -> float:
    """Expected calibration error over bins of equal width: mean |share right − mean p|."""
    found = reliability(p, right, bins)
    return sum(b.count * abs(b.share - b.mean) for b in found) / sum(b.count for b in found)


def auc(score: Iterable[float], positive: Iterable[float]) -> float:
    """Probability that a positive scores above a negative, ties counted half; NaN if one class."""
    rows = sorted((float(s), bool(y)) for s, y in zip(score, positive, strict=True))
    above = below = total = first = 0.0
    for at, (s, y) in enumerate(rows):
        below += not y
        above += y
        if at + 1 == len(rows) or rows[at + 1][0] > s:
            total += above * (first + below / 2)
            first, above, below = first + below, 0.0, 0.0
    negative = first
    n = len(rows) - negative
    return total / (n * negative) if n and negative else nan


def log_loss(p: Iterable[float], right: Iterable[float]) -> float:
    """Mean negative log-likelihood in nats, probabilities kept 1e-7 away from 0 and 1."""
    lost = [
        -log(q if y else 1 - q)
        for q, y in ((min(max(q, 1e-7), 1 - 1e-7), y) for q, y in zip(p, right, strict=True))
    ]
    return fsum(lost) / len(lost)
