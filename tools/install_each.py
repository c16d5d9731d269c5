"""Install what can be had of a lock file: `install_each.py PYTHON LOCK`, with uv's path in UV.

For a lock that does not install whole: each package by itself, without dependencies, which the lock
names too. Those that cannot be had are named on standard error.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def split_lock(text: str) -> Iterator[tuple[str, str]]:
    """Name and block of each package: its line, and the lines of hashes that go on from it."""
    for block in re.split(r"^(?=\S)", text, flags=re.M):
        if name := re.match(r"[\w.-]+", block):
            yield name.group(), block


def main(python: str, lock: str) -> None:
    """Install one after the other."""
    install = [os.environ["UV"], "pip", "install", "--quiet", "--python", python]
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder, "one.txt")
        for name, block in split_lock(Path(lock).read_text("utf-8")):
            one.write_text(block, "utf-8")
            done = subprocess.run([*install, "--no-deps", "--require-hashes", "-r", one])
            if done.returncode:
                print(f"{name}: cannot be had; tests that need it are skipped", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
