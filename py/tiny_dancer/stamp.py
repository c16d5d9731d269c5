"""Stamp: what marks one decision of a router, its name and how long it took."""

import os
from itertools import count
from time import perf_counter


class Stamp:
    """Names decisions and measures them.

    The random part of the names is drawn at the first decision, so that no two start from the
    same memory snapshot with the same names.
    """

    def __init__(self) -> None:
        self._prefix = ""
        self._process = 0
        self._numbers = count(1)
        self._least = 2 * _measure_tick()

    def mark(self, started_at: float) -> tuple[str, float | None]:
        """A name that no other decision has, and the microseconds that this one took.

        Args:
            started_at: reading of `perf_counter` at its begin; there are no microseconds where
                that clock is too coarse.
        """
        elapsed = perf_counter() - started_at
        if self._process != os.getpid():  # a child draws its own
            self._process, self._prefix = os.getpid(), os.urandom(5).hex()
        name = f"{self._prefix}-{next(self._numbers)}"
        return name, elapsed * 1e6 if elapsed > self._least else None


def _measure_tick() -> float:
    """Smallest step of the clock in seconds; infinite where it stands still (inside a Worker)."""
    return min(_measure_step() for _ in range(8))  # the process may be halted during one of them


def _measure_step() -> float:
    start = perf_counter()
    for _ in range(2_000):
        step = perf_counter() - start
        if step > 0:
            return step
    return float("inf")
