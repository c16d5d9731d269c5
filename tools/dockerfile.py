"""Runs the steps of a Dockerfile in a folder and an environment of its own, without docker.

    python tools/dockerfile.py Dockerfile FOLDER

The folder takes the place of the image: `WORKDIR` lies in it, `RUN` and the command find the
Python of a fresh environment first. Prints the command that the image would start, as JSON; it is
started by whoever asked, in the work folder. Knows the instructions that ours has; others are
refused.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path


def run_steps(dockerfile: Path, folder: Path) -> tuple[list[str], Path]:
    """The command that the image starts, and the folder it starts in, once all steps are done.

    Raises:
        ValueError: an instruction is not known, or copies nothing.
        CalledProcessError: a step failed.
    """
    context, work = dockerfile.parent, folder
    environment = folder / "environment"
    entry: list[str] = []
    arguments: list[str] = []
    for name, text in read_steps(dockerfile):
        if name == "FROM":
            venv.create(environment, with_pip=True)
        elif name == "WORKDIR":
            work = folder / text.lstrip("/")
            work.mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            *sources, target = shlex.split(text)
            _copy(context, sources, work / target)
        elif name == "RUN":
            subprocess.run(["sh", "-ec", text], cwd=work, env=_path_first(environment), check=True)
        elif name == "ENTRYPOINT":
            entry = json.loads(text)
        elif name == "CMD":
            arguments = json.loads(text)
        elif name not in ("USER", "EXPOSE"):  # of a container alone
            raise ValueError(f"{dockerfile}: {name} is not known here")
    entry[0] = str(environment / "bin" / entry[0])
    return entry + arguments, work


def read_steps(dockerfile: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each instruction."""
    joined = dockerfile.read_text("utf-8").replace("\\\n", " ")
    for line in joined.splitlines():
        if line.strip() and not line.startswith("#"):
            name, text = line.split(maxsplit=1)
            yield name.upper(), text


def _copy(context: Path, sources: list[str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for source in sources:
        found = sorted(context.glob(source))
        if not found:
            raise ValueError(f"COPY {source}: no such file in {context}")
        for path in found:
            shutil.copy(path, target)


def _path_first(environment: Path) -> dict[str, str]:
    path = os.pathsep.join([str(environment / "bin"), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(environment)}


if __name__ == "__main__":
    print(json.dumps(run_steps(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())[0]))
