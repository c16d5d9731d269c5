"""How long a store takes to keep one decision: the same call on every host."""

from statistics import median
from time import perf_counter

from stores.samples import decision

CALLS = 200


async def milliseconds(store) -> float:
    """Median of single calls of `record_routings` with one record each, after twenty others."""
    times = []
    for n in range(CALLS + 20):
        records = [decision(1_000_000 + n)]
        start = perf_counter()
        await store.record_routings(records)
        times.append((perf_counter() - start) * 1e3)
    return median(times[20:])
