"""Median times of interleaved batches, in microseconds. Runs in CPython and in Pyodide."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter

BATCH = 50
ROUNDS = 101
WARM_UP = 500


def medians(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Median over rounds of the mean of a batch, for each of the calls, taken in turn."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        for _ in range(WARM_UP):
            call()
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = perf_counter()
            for _ in range(BATCH):
                call()
            times[name].append((perf_counter() - start) / BATCH * 1e6)
    return {name: round(median(values), 2) for name, values in times.items()}
