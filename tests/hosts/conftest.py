import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def find_node() -> str | None:
    """Node 22.12 or newer: the system's, else the one of the npm package."""
    for name in ("node", str(ROOT / "node_modules/.bin/node")):
        if program := shutil.which(name):
            version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
            numbers = re.match(r"v(\d+)\.(\d+)", version)
            if numbers and tuple(map(int, numbers.groups())) >= (22, 12):
                return program
    return None


@pytest.fixture(scope="session")
def node() -> Callable[..., str]:
    """Runs a script of this folder; gives what it wrote to standard output."""
    program = find_node()
    if program is None or not (ROOT / "node_modules/pyodide").is_dir():
        pytest.skip("no Node 22.12 or no npm packages: ./build.sh setup")

    def run(script: str, *arguments: str | Path, options: tuple[str, ...] = ()) -> str:
        command = [program, *options, HERE / script, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    return run


@pytest.fixture(scope="session")
def report(node: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """Runs a script whose last line is JSON."""
    return lambda *arguments, **options: json.loads(node(*arguments, **options).splitlines()[-1])


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's wheel, built anew."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return next(folder.glob("*.whl"))
