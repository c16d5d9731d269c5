"""Every Python that is there reads the odd files alike, to the last word."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hosts import reading
from patience import PATIENCE_S, WORK_S
from tables.written import write_files

import tiny_dancer

PACKAGE = Path(tiny_dancer.__file__).parents[1]
VERSION = "import sys; print(sys.implementation.name, *sys.version_info[:2])"


def interpreters() -> list[Path]:
    """Others than this one, one a version: pyenv's and those on the path; nothing is installed."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    known = [*root.glob("versions/*/bin/python3"), *root.glob("versions/*/bin/pypy3")]
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and "shims" not in folder:
            known += Path(folder).glob("python3.[0-9][0-9]")
    found = {}
    for path in sorted(known):
        done = subprocess.run(
            [path, "-c", VERSION], capture_output=True, text=True, timeout=PATIENCE_S
        )
        name, *version = done.stdout.split() if done.returncode == 0 else ["none", "0", "0"]
        if tuple(map(int, version)) >= (3, 11) and (name, version) != ("cpython", ours()):
            found[name, *version] = path
    return list(found.values())


def ours() -> list[str]:
    return [str(part) for part in sys.version_info[:2]]


OTHERS = interpreters()


@pytest.mark.skipif(not OTHERS, reason="there is no other Python from 3.11 on")
@pytest.mark.parametrize("python", OTHERS, ids=lambda path: "-".join(path.parts[-3:]))
def test_another_python_reads_the_same(python, tmp_path):
    assert write_files(tmp_path) > 150
    done = subprocess.run(
        [python, reading.__file__, tmp_path],
        env={"PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=WORK_S,
    )
    assert done.returncode == 0, done.stderr
    theirs, here = json.loads(done.stdout), json.loads(reading.main(str(tmp_path)))
    assert theirs.keys() == here.keys()
    different = {name: (theirs[name], here[name]) for name in here if theirs[name] != here[name]}
    assert not different
