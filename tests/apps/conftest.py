"""Apps in folders outside the repository, each with the packed library installed by npm."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from e2e.conftest import LIBRARY, ROOT, readme_examples

HERE = Path(__file__).parent
BIN = ROOT / "node_modules/.bin"
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "CI": "1",
    "NEXT_TELEMETRY_DISABLED": "1",
    "WRANGLER_SEND_METRICS": "false",
}
NO_NETWORK = re.compile(r"npm error code (ENOTFOUND|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN)\b")
EXAMPLE, PRINTED = readme_examples()[0]
"""The first example of the library's README, and what it prints at the end."""


def run(*command: object, cwd: Path) -> str:
    """What a program printed, with the Node of this project first on its path."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


def hybrid_example() -> str:
    """The README's example of tiny-dancer/hybrid, which prints what it got."""
    text = (LIBRARY / "README.md").read_text()
    lines = text.partition("    import { Hybrid,")[2].partition("\n\n")[0].splitlines()
    code = "\n".join(["import { Hybrid," + lines[0], *(line.strip() for line in lines[1:])])
    return f"{code}\nconsole.log(text, servedBy);\n"


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library as it is published, by what is built at this moment."""
    folder = tmp_path_factory.mktemp("packed")
    command = ("npm", "pack", "--ignore-scripts", "--json", "--pack-destination", folder)
    return folder / str(json.loads(run(*command, cwd=LIBRARY))[0]["filename"])


@pytest.fixture
def make(tarball: Path, tmp_path: Path) -> Callable[..., Path]:
    """Lays out an app by its template, installs what it needs, and builds it where it is built."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        shutil.copytree(HERE / name, folder)
        shutil.copy(ROOT / ".npmrc", folder)
        (folder / "main.js").write_text(EXAMPLE)
        (folder / "hybrid.js").write_text(hybrid_example())
        if (folder / "package-lock.json").is_file():
            try:
                run("npm", "ci", "--prefer-offline", "--ignore-scripts", cwd=folder)
            except AssertionError as error:
                if not NO_NETWORK.search(str(error)):
                    raise
                pytest.skip(f"{name}: its packages cannot be had: {str(error)[-300:]}")
        run("npm", "install", "--offline", "--no-save", "--ignore-scripts", tarball, cwd=folder)
        if "scripts" in json.loads((folder / "package.json").read_text()):
            run("npm", "run", "build", cwd=folder)
        return folder

    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    with chromium() as browser:
        yield browser
