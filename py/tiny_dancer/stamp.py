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
        self._tick = _measure_tick()

    def make_id(self) -> str:
        """A name that no other decision has."""
        if self._process != os.getpid():  # a child draws its own
            self._process, self._prefix = os.getpid(), os.urandom(5).hex()
        return f"{self._prefix}-{next(self._numbers)}"

    def measure_us(self, started_at: float) -> float | None:
        """Microseconds since this reading of `perf_counter`; None where the clock is too coarse."""
        elapsed = perf_counter() - started_at
        return elapsed * 1e6 if elapsed > 2 * self._tick else None


def _measure_tick() -> float:
    """Smallest step of the clock in seconds; infinite where it stands still (inside a Worker)."""
    start = perf_counter()
    for _ in range(2_000):
        step = perf_counter() - start
        if step > 0:
            return step
    return float("inf")
