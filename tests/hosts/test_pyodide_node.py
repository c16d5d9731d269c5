"""The wheel inside Pyodide, driven by Node: same bytes as CPython, and what a decision costs."""

import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus.make_corpus import corpus
from hosts import decisions
from random_bundle import random_bundle

from tiny_dancer import Router

ROOT = Path(__file__).parents[2]
MICROPIP = ROOT / ".tools/pyodide"
FRANCE = "What is the capital of France?"

Run = Callable[..., str]
Report = Callable[..., dict[str, Any]]
BOTH_WAYS = pytest.mark.parametrize("way", [(), ("--no-glue",)], ids=["glue", "three calls"])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "random.safetensors"
    path.write_bytes(random_bundle(7, m=3, h=32, v=2000))
    return path


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prompts") / "corpus.jsonl"
    path.write_text("".join(json.dumps({"prompt": row["prompt"]}) + "\n" for row in corpus()))
    return path


def same_lines(found: str, expected: str) -> None:
    """Equal, with a message that shows the first line that is not."""
    rows = list(zip(found.splitlines(), expected.splitlines(), strict=True))
    assert rows, "no decisions"
    for number, (ours, theirs) in enumerate(rows, 1):
        assert ours == theirs, f"line {number}"
    assert found == expected


@BOTH_WAYS
def test_pyodide_decides_the_corpus_in_the_bytes_of_cpython(
    node: Run, wheel: Path, model: Path, prompts: Path, way: tuple[str, ...]
) -> None:
    found = node("golden.mjs", prompts, wheel, "--model", model, *way)
    same_lines(found, decisions.main(str(prompts), str(model)))


def test_pyodide_decides_the_corpus_with_the_shipped_bundle(
    node: Run, wheel: Path, prompts: Path
) -> None:
    same_lines(node("golden.mjs", prompts, wheel), decisions.main(str(prompts), None))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="V8 can leave out SIMD on x86-64 only")
def test_an_engine_without_simd_decides_by_the_twin_in_the_same_bytes(
    node: Run, wheel: Path, model: Path, tmp_path: Path
) -> None:
    short = [row["prompt"] for row in corpus() if len(row["prompt"]) < 200][::20]
    path = tmp_path / "short.jsonl"
    path.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in short))
    without_simd = ("--no-enable-sse4-1",)
    found = node("golden.mjs", path, wheel, "--model", model, "--twin", options=without_simd)
    same_lines(found, decisions.main(str(path), str(model)))


def test_a_decision_with_glue_is_one_call_that_returns_a_number(
    report: Report, wheel: Path, model: Path
) -> None:
    seen = report("crossings.mjs", wheel, model)
    assert (seen["scorer"], seen["glue"]) == ("kernel", True)
    # Each measurement ends with one call of the test's own, which returns undefined.
    assert seen["marks"] == {
        "actions": {"JsvFunction_CallBound": 1},
        "returned": {"undefined": 1},
        "proxies": 0,
    }
    for decision in (seen["decision"], seen["long"]):
        assert decision == {
            "actions": {"JsvFunction_CallBound": 2},
            "returned": {"number": 1, "undefined": 1},
            "proxies": 0,
        }


def test_a_decision_without_glue_is_three_calls_that_return_numbers(
    report: Report, wheel: Path, model: Path
) -> None:
    seen = report("crossings.mjs", wheel, model, "--no-glue")
    assert (seen["scorer"], seen["glue"]) == ("kernel", False)
    for decision in (seen["decision"], seen["long"]):
        assert sum(decision["actions"].values()) - 1 == 3
        assert set(decision["returned"]) <= {"number", "undefined"}
        assert decision["proxies"] == 0


@BOTH_WAYS
def test_decisions_survive_growth_of_either_memory(
    report: Report, wheel: Path, model: Path, way: tuple[str, ...]
) -> None:
    seen = report("growth.mjs", wheel, model, *way)
    assert seen["scorer"] == "kernel"
    assert all(grown > 0 for grown in seen["grown"].values()), "nothing grew: no test"
    assert len(seen["lines"]) >= 2
    assert len(set(seen["lines"])) == 1
    assert seen["kernels"] == 1
    assert seen["kernels_after_second_router"] == 2, "a second router needs an instance of its own"


def test_micropip_installs_the_wheel_offline_and_it_routes_through_the_kernel(
    report: Report, wheel: Path, model: Path
) -> None:
    if not (MICROPIP / "micropip").is_dir():
        pytest.skip("no micropip: ./build.sh setup")
    seen = report("micropip_install.mjs", wheel, MICROPIP, "--model", model)
    assert seen["requests"] == []
    assert seen["third_party"] == []
    assert (seen["scorer"], seen["scorer_loaded"], seen["glue"]) == ("kernel", "kernel", False)
    assert seen["line"] == decisions.line(Router(model=model).route(FRANCE).to_dict())
