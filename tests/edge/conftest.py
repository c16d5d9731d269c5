import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from edge.workerd import ROOT, Local, binary
from gateway.upstream import Upstream
from hosts.conftest import find_node


@pytest.fixture(scope="session")
def program() -> str:
    """Node, where all that these tests need is installed."""
    program = find_node()
    if program is None or binary() is None:
        pytest.skip("no Node 22.12 or no workerd: ./build.sh setup")
    return program


@pytest.fixture(scope="module")
def upstreams() -> Iterator[tuple[Upstream, Upstream]]:
    """A light and a powerful one for all tests of a file, since one Worker stands before them."""
    light, powerful = Upstream("small-1"), Upstream("big-1")
    yield light, powerful
    light.close()
    powerful.close()


def run_node(
    program: str, *arguments: object, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A script of this repository, to its end."""
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.fixture(scope="session")
def pack(program: str) -> Path:
    """build/pack, by the sources of this moment."""
    done = run_node(program, "pack/build.mjs")
    assert done.returncode == 0, done.stderr[-4000:]
    return ROOT / "build/pack"


@pytest.fixture(scope="session")
def folder(program: str, pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Worker as it is uploaded."""
    folder = tmp_path_factory.mktemp("worker")
    done = run_node(program, "worker/layout.mjs", folder, pack)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.fixture
def damaged(folder: Path, tmp_path: Path) -> Path:
    """A copy of the Worker, to be damaged."""
    return Path(shutil.copytree(folder, tmp_path / "worker"))


@pytest.fixture(scope="session")
def worker(program: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """The Worker on workerd, with a database; shared by tests that leave it as it was."""
    with Local(program, tmp_path_factory.mktemp("d1"), folder) as local:
        yield local
