"""Part of `./build.sh bench`: what resident candidates cost as they become more, on CPython.

Routers with so many residents take turns, each call timed by itself. Prints what was found and
writes docs/results/bench-residents.json.
"""

import json
import random
from array import array
from pathlib import Path
from time import perf_counter
from typing import Any

from calls import ASKED, DIMENSION, NOW, TEAMS, TOP_K, clock
from machine import machine
from workers import percentiles

from tiny_dancer import Candidate, Router

RESULT = Path(__file__).parents[2] / "docs/results/bench-residents.json"
SIZES = (1, 100, 1_000, 5_000)
ROUNDS = 60
CALLS = 20
"""In a round, of each size."""


def vector(draw: random.Random) -> "array[float]":
    """One that points anywhere."""
    return array("f", [draw.gauss(0, 1) for _ in range(DIMENSION)])


def route(router: Router, query: "array[float]") -> float:
    """Microseconds of one call."""
    start = perf_counter()
    response = router.route(query, top_k=TOP_K, metadata=ASKED)
    elapsed = (perf_counter() - start) * 1e6
    assert response.model
    return elapsed


def measure() -> dict[int, dict[str, float]]:
    """Percentiles in microseconds by number of residents."""
    draw = random.Random(1)
    query, routers = vector(draw), {}
    candidates = [
        Candidate(
            f"candidate-{i}",
            embedding=vector(draw),
            metadata={"team": TEAMS[i % len(TEAMS)]},
            created_at=NOW - 1_000 * i,
            access_count=i % 50,
            success_rate=0.5 + i / 20_000,
        )
        for i in range(max(SIZES))
    ]
    for n in SIZES:
        routers[n] = Router(clock=clock)
        routers[n].set_candidates(candidates[:n])
    found: dict[int, list[float]] = {n: [] for n in SIZES}
    for round_ in range(-3, ROUNDS):
        for n, router in routers.items():
            times = [route(router, query) for _ in range(CALLS)]
            if round_ >= 0:
                found[n] += times
    return {n: percentiles(times) for n, times in found.items()}


def main() -> None:
    """Measure, print, write."""
    before, found = machine(), measure()
    least = found[min(SIZES)]["p50"]
    figures: dict[str, Any] = {
        "machine": before | {"load_after": machine()["load"]},
        "microseconds": found,
        "each_us": {
            n: round((found[n]["p50"] - least) / (n - 1), 4) for n in SIZES if n > min(SIZES)
        },
        "p99_of_p50": {n: round(found[n]["p99"] / found[n]["p50"], 1) for n in SIZES},
    }
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
