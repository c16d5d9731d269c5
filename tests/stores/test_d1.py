"""D1 from Python in Pyodide under Node, against Miniflare's D1: real workerd behind it."""

import json
import math
import subprocess
from pathlib import Path

import pytest
from hosts.conftest import ROOT, find_node

from tiny_dancer.errors import InvalidInputError
from tiny_dancer.history.d1_types import from_d1, to_d1

HERE = Path(__file__).parent
JSNULL = object()


def run(module: str, argument: str = "") -> object:
    node = find_node()
    packages = ROOT / "node_modules"
    if node is None or not all((packages / n).is_dir() for n in ("pyodide", "miniflare")):
        pytest.skip("no Node 22.12 or no npm packages: ./build.sh setup")
    command = [node, str(HERE / "d1.mjs"), module, argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_d1_keeps_every_promise() -> None:
    said = run("d1_promises")
    assert len(said["lines"]) > 40
    assert said["broken"] == [], "\n".join(said["lines"])


def test_values_arrive_as_they_were_or_are_refused() -> None:
    lines = run("d1_table")
    assert [line for line in lines if line[2] is not True and line[2] != "same"] == []
    assert len(lines) == 31


def test_d1_faults() -> None:
    assert run("d1_faults") == []


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
