"""Where the sequence of `selective` starts, fixed from scores outside the sample."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from ..errors import InvalidInputError, NotEnoughData
from ..policy import Target
from .bound import Bound

LOSS: Final = 0.5
"""From where on a sample with this part of the target rate would pass. Starting earlier, noise
would end the sequence before it began; later, few thresholds would be left to test."""


def start_of(outside: Sequence[float], n: int, bound: Bound, target: Target) -> float:
    """The lowest threshold that should send enough of n prompts light for the bound to hold.

    Raises:
        NotEnoughData: n prompts are too few even if all went light.
        InvalidInputError: there is no score outside the sample.
    """
    if not outside:
        raise InvalidInputError(
            "outside: selective needs routing scores of prompts not in the outcomes"
        )
    need = bound.needed(LOSS * target.value)
    if need is None or need > n:
        wish, clean = f"{target.measure} {target.value:g}", bound.needed(0.0)
        missing = (None if many is None else max(1, many - n) for many in (clean, need))
        raise NotEnoughData(wish, *missing)
    ordered = sorted(outside)
    return ordered[ceil(need / n * len(ordered)) - 1]
