"""Candidates inside Pyodide: the rankings of CPython, whatever memory grows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hosts import rankings
from random_bundle import random_bundle

Report = Callable[..., Any]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "random.safetensors"
    path.write_bytes(random_bundle(7, h=32, v=2000, candidates=True))
    return path


@pytest.mark.parametrize("way", [(), ("--no-glue",)], ids=["glue", "plain"])
def test_pyodide_ranks_in_the_bits_of_cpython(
    report: Report, wheel: Path, model: Path, way: tuple[str, ...]
) -> None:
    expected = rankings.opened(str(model))()
    assert "not finite" in expected
    for found in report("rankings.mjs", wheel, model, *way):
        assert found.splitlines() == expected.splitlines()


def test_residents_and_packed_candidates_cost_one_call(
    report: Report, wheel: Path, model: Path
) -> None:
    seen = report("crossings.mjs", wheel, model)
    own = sum(seen["marks"]["actions"].values())
    for name in ("resident", "packed"):
        assert sum(seen[name]["actions"].values()) - own == 1
        assert seen[name]["proxies"] == 0
