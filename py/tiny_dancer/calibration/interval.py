"""The interval table of a bundle: bounds on a success rate (Clopper & Pearson 1934)."""

from array import array
from math import ceil, comb, floor
from typing import Final

from ..model.spec import INTERVAL_SCALE, INTERVAL_WINDOW

COVERAGE: Final = 0.90
_HALVINGS: Final = 40


def interval_table(rows: int) -> "array[int]":
    """The tensor `calibration.interval` of N calibration rows: lower, upper for each k."""
    n = min(rows, INTERVAL_WINDOW)
    low = [_lower(k, n) for k in range(n + 1)]
    high = [1 - bound for bound in reversed(low)]
    table = array("H")
    for a, b in zip(low, high, strict=True):
        table.extend((floor(a * INTERVAL_SCALE), ceil(b * INTERVAL_SCALE)))
    return table


def _lower(k: int, n: int) -> float:
    """The rate at which k or more of n successes have a chance of (1 − COVERAGE) / 2."""
    if k == 0:
        return 0.0
    ways = [comb(n, i) for i in range(n + 1)]
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        few = sum(ways[i] * middle**i * (1 - middle) ** (n - i) for i in range(k))
        if 1 - few < (1 - COVERAGE) / 2:
            low = middle
        else:
            high = middle
    return low
