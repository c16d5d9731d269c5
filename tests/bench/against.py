"""`./build.sh bench --against REV`: this working tree and another revision, in turn, in one run.

Both are driven through the public names alone, in Pyodide under Node and in CPython, beside the
native package and the kernel. Prints a table and writes docs/results/bench-against.json.

usage: python tests/bench/against.py REV [ROUNDS]
"""

import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from calls import AGED
from machine import machine
from numbers_file import write_numbers
from revision import ROOT, checked_out, commit_of, gather
from starts import runs
from workers import Case, Workers, cases, percentiles

RESULT = ROOT / "docs/results/bench-against.json"
ROUNDS = 30
START_ROUNDS = 9
WAYS = ("resident", "resident_read", AGED, "packed", "packed_read", "objects", "text", "text_read")

AIMS = {
    "resident": {1: 3.0, 10: 2.8, 100: 2.3, 1_000: 1.5},
    "resident_read": {1: 2.2, 10: 2.0, 100: 1.8, 1_000: 1.4},
    "packed": {1: 3.0, 10: 2.7, 100: 2.0, 1_000: 2.5},
    "packed_read": {1: 2.2, 10: 2.0, 100: 1.7, 1_000: 2.3},
    "objects": {1: 4.0, 10: 4.0, 100: 8.0, 1_000: 8.0},
}
"""How many times as fast as the end of the first wave of work a call in Pyodide should be."""
PEER_AIMS = {"resident": {100: 45, 1_000: 100}, "packed": {100: 25, 1_000: 38}}
"""How many times as fast as the native package."""
KERNEL_AIMS = {"pyodide": 1.6, "cpython": 1.8}
"""How many times the kernel alone a text may take."""


def compared(found: dict[Case, list[float]]) -> list[dict[str, Any]]:
    """A row for each host, way and number: both revisions, their ratio, the peer beside it."""
    rows = []
    figures = {case: percentiles(times) for case, times in found.items()}
    for (who, way, n), new in figures.items():
        host, _, name = who.partition(" ")
        if name != "new":
            continue
        old = figures[f"{host} old", way, n]
        row: dict[str, Any] = {"host": host, "way": way, "n": n, "new": new, "old": old}
        row["times_as_fast"] = round(old["p50"] / new["p50"], 2)
        row["times_as_fast_p10"] = round(old["p10"] / new["p10"], 2)
        if way.startswith("text"):
            row["beside"] = figures["kernel", "text", n]
            row["times_the_kernel"] = round(new["p50"] / row["beside"]["p50"], 2)
            row["times_the_kernel_p10"] = round(new["p10"] / row["beside"]["p10"], 2)
        else:
            row["beside"] = figures["peer", "full", n]
            row["times_the_peer"] = round(row["beside"]["p50"] / new["p50"], 1)
            if host == "pyodide":
                row["aim"] = AIMS.get(way, {}).get(n)
                row["peer_aim"] = PEER_AIMS.get(way, {}).get(n)
        rows.append(row)
    return rows


def main(revision: str, rounds: int) -> None:
    """Measure, print, write."""
    commit = commit_of(revision)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folders = {
            "new": gather(ROOT, folder / "new"),
            "old": gather(checked_out(commit), folder / "old"),
        }
        before = machine()
        workers = Workers(folders, write_numbers(folder / "numbers"))
        found = workers.times(cases(workers.hosts(), WAYS), rounds)
        workers.close()
        starts = runs(folders, START_ROUNDS)
    figures = {
        "revision": commit,
        "machine": before | {"load_after": machine()["load"]},
        "versions": workers.versions | {"wasmtime": version("wasmtime")},
        "rounds": rounds,
        "rows": compared(found),
        "starts": starts,
        "memory": workers.memory,
    }
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    show(figures)


def show(figures: dict[str, Any]) -> None:
    """Print what was found."""
    print(f"this tree against {figures['revision'][:12]}: median us new, old, ratio (at P10; aim)")
    for row in figures["rows"]:
        beside = row.get("times_the_peer") or row["times_the_kernel"]
        what = "times the peer" if "times_the_peer" in row else "times the kernel"
        print(
            f"  {row['host']:8}{row['way']:14}{row['n']:6}{row['new']['p50']:10.1f}"
            f"{row['old']['p50']:10.1f}{row['times_as_fast']:7.2f}"
            f" ({row['times_as_fast_p10']:.2f}; {row.get('aim', '-')})"
            f"   {what} {beside} ({row.get('peer_aim') or '-'}), whose P50 {row['beside']['p50']}"
        )
    for what, values in figures["starts"].items():
        print(f"  {what:24} new {values['new']:10.1f}   old {values['old']:10.1f}")
    print(f"  {figures['memory']}")
    print(f"  {figures['machine']}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)
