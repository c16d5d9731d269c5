"""Models on loopback ports, and the folders of the Node packages."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import WORK_S
from upstream import Upstream

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "build/integrations"
EASY = "What is the capital of France?"
HARD = "Prove that every bounded sequence has a convergent subsequence."
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would ask the network for prices
os.environ["LANGSMITH_TRACING"] = "false"


@pytest.fixture
def small() -> Iterator[Upstream]:
    up = Upstream("small")
    yield up
    up.close()


@pytest.fixture
def big() -> Iterator[Upstream]:
    up = Upstream("big")
    yield up
    up.close()


def find_node_package(project: str, package: str) -> Path:
    """The folder that holds it; skips the test where the package cannot be had."""
    folder = BUILT / project
    if not (folder / "node_modules" / package / "package.json").is_file():
        pytest.skip(f"{package} is not installed")
    return folder


def run_node(*arguments: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A program with the Node of this project first on its path."""
    path = f"{ROOT / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(one) for one in arguments],
        cwd=cwd,
        env={**os.environ, "PATH": path, **env},
        capture_output=True,
        text=True,
        timeout=WORK_S,
    )
