"""Processes that time calls, each a batch when asked: so all take turns in one run."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from calls import AGED, SIZES, TEXT_WAYS, TOKENS, WAYS

ROOT = Path(__file__).parents[2]
PERCENTILES = (10, 50, 95, 99)
ANSWER = "answer: "
"""What lines of the Node process start with; the native package writes there too."""

CALLS = {1: 60, 10: 60, TOKENS: 60, 100: 30, 1_000: 10}
"""Calls in a round, by number of candidates."""
SLOW = {10: 10, 100: 3, 1_000: 1}
"""The same where every number of a vector becomes an object first."""

Case = tuple[str, str, int]
"""Who, which way, how many candidates."""


def cases(hosts: list[str], ways: tuple[str, ...] = (*WAYS, *TEXT_WAYS)) -> list[Case]:
    """What is timed in a round: the peer and the kernel, and every way of every host."""
    found: list[Case] = [("kernel", "text", TOKENS)]
    for n in SIZES:
        found += [("peer", "full", n), ("peer", "bare", n)]
        found += [(host, way, n) for way in ways if way in (*WAYS, AGED) for host in hosts]
    return found + [(host, way, TOKENS) for way in ways if way in TEXT_WAYS for host in hosts]


def calls_of(way: str, n: int) -> int:
    """Calls in a round."""
    return SLOW.get(n, CALLS[n]) if way == "lists" else CALLS[n]


class Worker:
    """A process that answers one line by one line.

    Args:
        command: what is run, in the root of the repository.
        mark: what its answers start with; other lines are skipped.
    """

    def __init__(self, command: list[str], mark: str = "") -> None:
        self._mark = mark
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.facts: dict[str, Any] = self._answer()

    def batch(self, who: str, way: str, n: int) -> list[float]:
        """Microseconds of each call of a round."""
        assert self._process.stdin is not None
        asked = {"who": who, "way": way, "n": n, "calls": calls_of(way, n)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer: list[float] = self._answer()
        return answer

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(self._mark):
                return json.loads(line.removeprefix(self._mark))
        raise SystemExit("bench: a process that times calls ended early")


class Workers:
    """Node with a Pyodide for each revision, and a CPython for each.

    Args:
        folders: what revision.py made, by name.
        numbers: a file of vectors.
    """

    def __init__(self, folders: dict[str, Path], numbers: Path) -> None:
        named = [f"{name}={folder}" for name, folder in folders.items()]
        script = "tests/bench/node_worker.mjs"
        self._node = Worker(["node", script, str(numbers), *named], ANSWER)
        script = "tests/bench/python_worker.py"
        self._cpython = {
            name: Worker([sys.executable, script, str(folder), str(numbers)])
            for name, folder in folders.items()
        }
        self.versions = {name: self._node.facts[name] for name in ("node", "pyodide", "native")}
        self.memory = {
            name: {
                "router_mib_cpython": self._cpython[name].facts["router_mib"],
                "memory_mib_pyodide": self._node.facts["memory_mib"][name],
            }
            for name in folders
        }
        best = [*self._node.facts["best"].values()]
        best += [worker.facts["best"] for worker in self._cpython.values()]
        if len({name for ways in best for name in ways}) != 1:
            raise SystemExit(f"bench: the ways disagree about the best candidate: {best}")

    def hosts(self) -> list[str]:
        """Names of what is timed: `pyodide NAME` and `cpython NAME`."""
        return [f"{host} {name}" for host in ("pyodide", "cpython") for name in self._cpython]

    def times(self, cases: list[Case], rounds: int, warm_up: int = 3) -> dict[Case, list[float]]:
        """Microseconds of every call, by case, all cases in turn in every round."""
        found: dict[Case, list[float]] = defaultdict(list)
        for round_ in range(-warm_up, rounds):
            print(f"\rround {max(round_, 0) + 1} of {rounds}", end="", file=sys.stderr, flush=True)
            for case in cases:
                who, way, n = case
                host, _, name = who.partition(" ")
                worker = self._cpython[name] if host == "cpython" else self._node
                batch = worker.batch(name or host, way, n)
                if round_ >= 0:
                    found[case] += batch
        print(file=sys.stderr)
        return found

    def close(self) -> None:
        """Let all processes end."""
        for worker in (self._node, *self._cpython.values()):
            worker.close()


def percentiles(found: list[float]) -> dict[str, float]:
    """P10, P50, P95 and P99 in microseconds, and the number of calls."""
    found = sorted(found)
    parts = {f"p{p}": round(found[len(found) * p // 100], 2) for p in PERCENTILES}
    return parts | {"calls": len(found)}
