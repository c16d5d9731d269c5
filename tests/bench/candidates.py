"""`./build.sh bench --quick`: what ranking candidates costs, beside the native package.

One run, all taken in turn: Python in Pyodide under Node, the npm package in the same Node, and
CPython. Prints a table and writes docs/results/bench-candidates.json. Times are of whatever machine
this is and of whatever else it does: compare rows, not runs.
"""

import json
import random
import subprocess
import sys
import tempfile
from array import array
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from calls import DIMENSION, SIZES, TOP_K, Calls
from machine import machine

sys.path.insert(0, str(Path(__file__).parents[1]))

from random_bundle import random_bundle

from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import read_bundle

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "docs/results/bench-candidates.json"
ROUNDS = 30
WARM_UP = 3
NOW = 1_760_000_000

CASES = (
    ("peer", "full"),
    ("peer", "bare"),
    *((host, way) for host in ("pyodide", "cpython") for way in Calls.WAYS),
)
CALLS = {1: 60, 10: 60, 100: 30, 1_000: 10}
"""Calls in a round, by number of candidates."""
SLOW = {10: 10, 100: 3, 1_000: 1}
"""The same where every number of a vector becomes an object first."""

AIMS = {
    "pyodide_resident": {1: 10, 10: 12, 100: 40, 1_000: 50},
    "pyodide_packed": {1: 8, 10: 10, 100: 20, 1_000: 25},
}
"""How many times as fast as the native package a call should be."""

ANSWER = "answer: "
"""What lines of the other process start with; the native package writes there too."""


def calls_of(way: str, n: int) -> int:
    """Calls in a round."""
    return SLOW.get(n, CALLS[n]) if way == "lists" else CALLS[n]


class Node:
    """The other process: answers one line with one line."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            ["node", "tests/bench/candidates.mjs", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.facts: dict[str, Any] = self._answer()

    def batch(self, who: str, way: str, n: int, calls: int) -> list[float]:
        assert self._process.stdin is not None
        asked = {"who": who, "way": way, "n": n, "calls": calls}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: list[float] = self._answer()
        return answer

    def close(self) -> None:
        self._process.communicate()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(ANSWER):
                return json.loads(line.removeprefix(ANSWER))
        raise SystemExit("bench: tests/bench/candidates.mjs ended early")


def measured(wheel: Path, folder: Path) -> dict[str, Any]:
    """Everything the results file holds."""
    generator = random.Random(13)
    numbers = array("f", (generator.gauss(0, 1) for _ in range((max(SIZES) + 1) * DIMENSION)))
    (folder / "numbers").write_bytes(numbers.tobytes())
    data = default_bundle()
    shipped = data is not None and read_bundle(data).config.candidate is not None
    model = folder / "model.safetensors"
    model.write_bytes(data if shipped else random_bundle(7, h=32, v=8_000, candidates=True))  # type: ignore[arg-type]
    own = Calls(str(model), numbers.tobytes(), NOW)
    node = Node(str(wheel), str(model), str(folder / "numbers"), str(NOW))
    facts = node.facts
    best = {own.best(way, max(SIZES)) for way in Calls.WAYS} | set(facts.pop("best"))
    if best != {own.best("packed", max(SIZES))}:
        raise SystemExit(f"bench: the ways disagree about the best candidate: {best}")
    before = machine()
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    for round_ in range(-WARM_UP, ROUNDS):
        print(f"\rround {max(round_, 0) + 1} of {ROUNDS}", end="", file=sys.stderr, flush=True)
        for n in SIZES:
            for who, way in CASES:
                calls = calls_of(way, n)
                if who == "cpython":
                    found = own.batch(way, n, calls)
                else:
                    found = node.batch(who, way, n, calls)
                if round_ >= 0:
                    times[f"{who}_{way}", n] += found
    print(file=sys.stderr)
    node.close()
    return {
        "machine": before | {"load_after": machine()["load"]},
        "versions": facts | {"wasmtime": version("wasmtime")},
        "bundle": "shipped" if shipped else "random numbers of the same shape",
        "dimension": DIMENSION,
        "top_k": TOP_K,
        "microseconds": by_case(times),
    }


def by_case(times: dict[tuple[str, int], list[float]]) -> dict[str, Any]:
    """P50, P95, P99 and number of calls, by case and number of candidates."""
    table: dict[str, Any] = defaultdict(dict)
    for (case, n), found in times.items():
        found.sort()
        parts = {f"p{p}": round(found[len(found) * p // 100], 2) for p in (50, 95, 99)}
        table[case][str(n)] = parts | {"calls": len(found)}
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
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        figures = measured(next(Path(folder).glob("*.whl")), Path(folder))
    figures["ratios"] = ratios(figures["microseconds"])
    figures["aims"] = AIMS
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    print("one request of 384 numbers, microseconds: P50 / P95 / P99 (ratio to peer, aim)")
    for case, sizes in figures["microseconds"].items():
        cells = []
        for n, found in sizes.items():
            cell = " / ".join(f"{found[p]:.1f}" for p in ("p50", "p95", "p99"))
            if case in figures["ratios"]:
                aim = AIMS.get(case, {}).get(int(n))
                cell += f" ({figures['ratios'][case][n]:.1f}{f', aim {aim}' if aim else ''})"
            cells.append(cell)
        print(f"  {case:18}" + "".join(f"{cell:>36}" for cell in cells))


if __name__ == "__main__":
    main()
