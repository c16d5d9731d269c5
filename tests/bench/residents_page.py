"""The page's section about many resident candidates."""

from typing import Any

from markdown import short, table


def residents(found: dict[str, Any]) -> str:
    """The section about many resident candidates."""
    times, each, spread = found["microseconds"], found["each_us"], found["p99_of_p50"]
    sizes = sorted(times, key=int)
    rows = [
        ["P50, µs", *(short(times[n]["p50"]) for n in sizes)],
        ["P99, µs", *(short(times[n]["p99"]) for n in sizes)],
        ["P99 over P50", *(f"{spread[n]:.1f}" for n in sizes)],
        ["the whole call, µs a candidate", *(f"{times[n]['p50'] / int(n):.3f}" for n in sizes)],
        [
            "more than with one, µs a candidate",
            *(f"{each[n]:.3f}" if n in each else "" for n in sizes),
        ],
    ]
    return f"""## Many residents

Resident candidates on CPython, each call timed by itself, routers of all sizes in turn:

{table(["residents", *(f"{int(n):,}" for n in sizes)], rows)}

Vectors of 5,000 take {5_000 * 384 / 2**20:.1f} MiB, a byte a number: where the processor's own \
cache is smaller, they come from the one that all cores share. \
Load {found["machine"]["load"]:g} before and {found["machine"]["load_after"]:g} after.
"""
