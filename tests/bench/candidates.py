"""`./build.sh bench --quick`: what ranking candidates costs, beside the native package.

One run, all taken in turn: Python in Pyodide under Node, the npm package in the same Node, and
CPython. Prints a table and writes docs/results/bench-candidates.json. Times are of whatever machine
this is and of whatever else it does: compare rows, not runs.
"""

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from calls import DIMENSION, TOP_K
from machine import machine
from numbers_file import write_numbers
from revision import ROOT, gather
from workers import Case, Workers, cases, percentiles

RESULT = ROOT / "docs/results/bench-candidates.json"
ROUNDS = 30

AIMS = {"pyodide_resident": {100: 45, 1_000: 100}, "pyodide_packed": {100: 25, 1_000: 38}}
"""How many times as fast as the native package a call should be. With 1 and 10 candidates the time
that its thread takes to wake up decides: those ratios are printed and have no aim."""


def by_case(found: dict[Case, list[float]]) -> dict[str, Any]:
    """Percentiles, by case and number of candidates."""
    table: dict[str, Any] = {}
    for (who, way, n), times in found.items():
        if not way.startswith("text"):
            name = f"{who.partition(' ')[0]}_{way}"
            table.setdefault(name, {})[str(n)] = percentiles(times)
    return table


def ratios(microseconds: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Median of the native package over ours: above 1 we are faster."""
    peer = microseconds["peer_full"]
    return {
        case: {n: round(peer[n]["p50"] / sizes[n]["p50"], 2) for n in sizes}
        for case, sizes in microseconds.items()
        if not case.startswith("peer")
    }


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = {"this": gather(ROOT, folder / "this")}
        before = machine()
        workers = Workers(folders, write_numbers(folder / "numbers"))
        found = workers.times(cases(workers.hosts()), ROUNDS)
        workers.close()
    times = by_case(found)
    figures: dict[str, Any] = {
        "machine": before | {"load_after": machine()["load"]},
        "versions": workers.versions | {"wasmtime": version("wasmtime")},
        "dimension": DIMENSION,
        "top_k": TOP_K,
        "memory": workers.memory["this"],
        "microseconds": times,
        "ratios": ratios(times),
        "aims": AIMS,
    }
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print("one request of 384 numbers, microseconds: P50 / P95 / P99 (ratio to peer, aim)")
    for case, sizes in times.items():
        cells = []
        for n, found_ in sizes.items():
            cell = " / ".join(f"{found_[p]:.1f}" for p in ("p50", "p95", "p99"))
            if case in figures["ratios"]:
                aim = AIMS.get(case, {}).get(int(n))
                cell += f" ({figures['ratios'][case][n]:.1f}{f', aim {aim}' if aim else ''})"
            cells.append(cell)
        print(f"  {case:18}" + "".join(f"{cell:>36}" for cell in cells))
    print(f"  {figures['machine']}")


if __name__ == "__main__":
    main()
