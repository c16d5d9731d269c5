"""What every store promises, inside workerd: the upload's Python from its image, on a local D1."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from edge.conftest import run_node
from edge.workerd import ROOT
from stores.contract import PROMISES
from stores.writer import expected

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def said(program: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What contract.mjs printed for the Worker with the promises beside it."""
    here = Path(shutil.copytree(folder, tmp_path_factory.mktemp("contract") / "worker"))
    shutil.copy(HERE / "contract_worker.mjs", here)
    with zipfile.ZipFile(here / "stores.zip.bin", "w") as archive:
        for file in sorted((ROOT / "tests/stores").glob("*.py")):
            if not file.name.startswith("test_"):
                archive.write(file, f"stores/{file.name}")
    done = run_node(program, HERE / "contract.mjs", here)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def test_d1_keeps_every_promise_inside_the_worker(said: dict[str, Any]) -> None:
    lines = said["contract"]["lines"]
    assert said["contract"]["broken"] == [], "\n".join(lines)
    assert len(lines) == len(PROMISES)


def test_two_isolates_lose_and_double_nothing_and_get_three_leases_together(
    said: dict[str, Any],
) -> None:
    one, two = said["pair"]
    assert one["requests"] == two["requests"] == 1  # in one isolate they would be 1 and 2
    assert one["found"] == two["found"]
    found = {**one["found"], "decision": sorted(one["found"]["decision"])}
    found["outcome"].sort()
    assert found == expected("ab", 10)
    leases = one["leases"] + two["leases"]
    assert len(leases) == len(set(leases)) == 3
