"""D1 from Python in Pyodide under Node, against Miniflare's D1: real workerd behind it."""

import json
import math
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hosts.conftest import ROOT, find_node
from stores.writer import expected, missing

from tiny_dancer.errors import InvalidInputError
from tiny_dancer.history.stores.d1_types import from_d1, to_d1

HERE = Path(__file__).parent
JSNULL = object()


def command(*arguments: str) -> list[str]:
    node = find_node()
    packages = ROOT / "node_modules"
    if node is None or not all((packages / n).is_dir() for n in ("pyodide", "miniflare")):
        pytest.skip("no Node 22.12 or no npm packages: ./build.sh setup")
    return [node, str(HERE / "d1.mjs"), *arguments]


def run(*arguments: str) -> list[Any]:
    """What the module's `main` gives for each of its arguments."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def written_and_killed(folder: Path, name: str, lines: int) -> tuple[dict[str, Any], list[str]]:
    """What a writer found, and what it said was stored until D1's process and it were killed."""
    process = subprocess.Popen(
        command("--persist", str(folder), "d1_writer", name),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # workerd is a child of Node: one group
    )
    try:
        assert process.stdout
        found = json.loads(process.stdout.readline())
        said = [process.stdout.readline() for _ in range(lines)]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    whole = ("".join(said) + rest).rpartition("\n")[0]  # a torn last line was not said
    return found, whole.splitlines()


@pytest.fixture(scope="module")
def suite() -> dict[str, Any]:
    (said,) = run("d1_suite")
    return said


def test_d1_keeps_every_promise(suite: dict[str, Any]) -> None:
    said = suite["promises"]
    assert len(said["lines"]) > 40
    assert said["broken"] == [], "\n".join(said["lines"])


def test_values_arrive_as_they_were_or_are_refused(suite: dict[str, Any]) -> None:
    lines = suite["table"]
    assert [line for line in lines if line[2] is not True and line[2] != "same"] == []
    assert len(lines) == 31


def test_d1_faults(suite: dict[str, Any]) -> None:
    assert suite["faults"] == []


def test_a_killed_database_has_everything_it_acknowledged(tmp_path: Path) -> None:
    """Breakers and policies are such states; decisions and outcomes are there too."""
    lost = []
    said: list[str] = []
    for number in range(3):
        name = f"w{number}"
        found, now = written_and_killed(tmp_path, name, 20 + 15 * number)
        lost += missing(said, f"w{number - 1}", found)
        said = now
        assert len(said) >= 20
    (found, _) = run("--persist", str(tmp_path), "d1_writer", "")
    assert lost + missing(said, "w2", found) == []
    assert found["states"].keys() == {"w0", "w1", "w2"}
    assert found["totals"] == [len(found["decision"]), len(found["outcome"])]


def test_two_instances_lose_and_double_nothing_and_get_three_leases_together() -> None:
    one, two = run("d1_pair", "a 40", "b 40")
    assert one["found"] == two["found"]
    found = {**one["found"], "decision": sorted(one["found"]["decision"])}
    found["outcome"].sort()
    assert found == expected("ab", 40)
    leases = one["leases"] + two["leases"]
    assert len(leases) == len(set(leases)) == 3


def test_parameters_without_a_host() -> None:
    values = [None, True, 5, -1.5, "text", "é", (1 << 53) - 1]
    assert to_d1(values, JSNULL) == [JSNULL, 1, 5, -1.5, "text", "é", (1 << 53) - 1]
    assert [from_d1(v, JSNULL) for v in (JSNULL, 0, "", [1, 255])] == [None, 0, "", b"\x01\xff"]


@pytest.mark.parametrize(
    "value", [1 << 53, -(1 << 53), math.nan, math.inf, "\ud800", b"", [], {}, "é" * 950_001, object]
)
def test_parameter_that_would_not_arrive(value: object) -> None:
    with pytest.raises(InvalidInputError, match="parameter 1"):
        to_d1(["fine", value], JSNULL)


def test_a_hundred_parameters_at_most() -> None:
    to_d1([1] * 100, JSNULL)
    with pytest.raises(InvalidInputError, match="at most 100"):
        to_d1([1] * 101, JSNULL)
