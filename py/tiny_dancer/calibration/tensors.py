"""Calibration rows as the tensors of a bundle."""

from array import array
from collections.abc import Sequence

from ..model.spec import ANSWERS_WELL, QUALITY_SCALE, Tensors
from .interval import interval_table

WELL = 0.5
"""Quality from which an answer is a good one."""


def calibration_tensors(
    score: Sequence[float], p: Sequence[float], quality: Sequence[Sequence[float]], models: int
) -> Tensors:
    """The tensors of N calibration prompts, sorted as a bundle needs them.

    Args:
        score: routing score of each.
        p: probability that the cheapest model answers it well.
        quality: of each model's answer to it; at least 0.5 stays at least 0.5 in its byte.
        models: their number.
    """
    scores, probabilities = array("f", score), array("f", p)
    order = sorted(range(len(scores)), key=lambda i: (scores[i], probabilities[i]))
    graded = bytes(_graded(q) for i in order for q in quality[i])
    n = len(order)
    return {
        "calibration.score": ([n], array("f", [scores[i] for i in order]).tobytes()),
        "calibration.confidence": ([n], array("f", [probabilities[i] for i in order]).tobytes()),
        "calibration.quality": ([n, models], graded),
        "calibration.interval": _table(n),
    }


def candidate_tensors(p: Sequence[float], works: Sequence[bool]) -> Tensors:
    """The tensors of N scored candidates: probability, and whether each served well."""
    probabilities = array("f", p)
    order = sorted(range(len(probabilities)), key=lambda i: (probabilities[i], works[i]))
    n = len(order)
    ordered = array("f", [probabilities[i] for i in order])
    return {
        "candidate.calibration.confidence": ([n], ordered.tobytes()),
        "candidate.calibration.works": ([n], bytes(bool(works[i]) for i in order)),
        "candidate.calibration.interval": _table(n),
    }


def _table(rows: int) -> tuple[list[int], bytes]:
    table = interval_table(rows)
    return [len(table) // 2, 2], table.tobytes()


def _graded(quality: float) -> int:
    byte = round(quality * QUALITY_SCALE)
    return max(byte, ANSWERS_WELL) if quality >= WELL else min(byte, ANSWERS_WELL - 1)
