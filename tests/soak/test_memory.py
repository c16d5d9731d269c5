"""Requests leave memory where it was."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from random_bundle import random_bundle

HERE = Path(__file__).parent
SPARE = 100
"""Objects or blocks of some ten thousand: what an interpreter keeps for itself now and then."""
SPARE_BYTES = 8 << 20

REQUESTS = [20_000, pytest.param(1_000_000, marks=pytest.mark.full)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "random.safetensors"
    path.write_bytes(random_bundle(7, h=32, v=2_000, candidates=True))
    return path


@pytest.mark.parametrize("n", REQUESTS)
def test_requests_leave_the_memory_of_cpython_where_it_was(model: Path, n: int) -> None:
    command = [sys.executable, HERE / "cpython.py", model, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=3_000)
    seen = json.loads(done.stdout)
    assert seen["before"]["python_blocks"] > 0
    same_memory(seen, n)
    assert seen["after"]["resident_bytes"] - seen["before"]["resident_bytes"] <= SPARE_BYTES


@pytest.mark.parametrize("n", REQUESTS)
def test_requests_leave_the_memory_of_pyodide_where_it_was(
    report: Callable[..., dict[str, Any]], wheel: Path, model: Path, n: int
) -> None:
    seen = report("../soak/pyodide.mjs", wheel, model, str(n))
    same_memory(seen, n)
    assert seen["after"]["pyodide_bytes"] == seen["before"]["pyodide_bytes"]


def same_memory(seen: dict[str, Any], n: int) -> None:
    """The kernel's memory has not grown, and Python holds as much as before."""
    assert seen["requests"] == n
    before, after = seen["before"], seen["after"]
    assert after["kernel_bytes"] == before["kernel_bytes"]
    for name in ("python_objects", "python_blocks"):
        if name in before:
            assert abs(after[name] - before[name]) <= SPARE, name
