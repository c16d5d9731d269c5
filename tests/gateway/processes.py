"""Gateways as processes of their own: CPython's command, and the Worker on real workerd."""

import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
WORKER = ROOT / "build/worker"
NODE = ROOT / "node_modules/.bin/node"
MAIN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from tiny_dancer.cli import main; main()"
)
"""Children of a shell's background job ignore SIGINT unless they are told otherwise."""


@contextmanager
def cpython(raw: dict[str, Any], folder: Path, workers: int = 1) -> Iterator[str]:
    """Address of `tiny-dancer serve` with this config."""
    file = folder / "gateway.json"
    file.write_text(json.dumps(raw))
    port = find_free_port()
    command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "serve"]
    command += ["--config", str(file), "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(command)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@dataclass
class Served:
    """`tiny-dancer serve` as a process of its own, whose output is kept.

    Attributes:
        url: where it listens.
        process: the command.
    """

    url: str
    process: subprocess.Popen[Any]
    _output: Path

    @property
    def output(self) -> str:
        """What it has printed so far, errors too."""
        return self._output.read_text("utf-8", "replace")

    def list_children(self) -> list[int]:
        """Ids of its serving processes."""
        return list_workers(self.process.pid)


def list_workers(main: int) -> list[int]:
    """Ids of the serving processes of a command; one may end while they are looked at."""
    found = []
    for one in Path(f"/proc/{main}/task/{main}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(int(one))
    return found


@contextmanager
def serve(raw: dict[str, Any], folder: Path, *options: str, files: int = 0) -> Iterator[Served]:
    """The command with this config, further options, at most so many open files."""
    (folder / "gateway.json").write_text(json.dumps(raw))
    port = find_free_port()
    command = [sys.executable, "-c", MAIN, "serve"]
    command += ["--config", str(folder / "gateway.json"), "--port", str(port), *options]
    limit = f"ulimit -n {files}; " if files else ""
    shell = ["bash", "-c", f'{limit}exec "$@"', "bash", *command]
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(shell, stdout=output, stderr=subprocess.STDOUT)
    served = Served(f"http://127.0.0.1:{port}", process, folder / "output")
    try:
        wait_for(served.url, process)
        yield served
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@contextmanager
def workerd(raw: dict[str, Any], folder: Path) -> Iterator[str]:
    """Address of the Worker with this config and a D1 of its own; `./build.sh edge` lays it out."""
    file = folder / "worker.json"
    file.write_text(json.dumps(raw))
    command = [NODE, ROOT / "worker/local.mjs", "--port", "0", "--d1", folder / "d1"]
    process = subprocess.Popen([*command, "--config", file], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"The Worker is at (http://\S+)", line):
                yield found[1].rstrip("/")
                break
        else:
            raise RuntimeError("the Worker did not start")
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def has_workerd() -> bool:
    """True where the Worker has been laid out and npm packages are there."""
    return (WORKER / "index.mjs").exists() and NODE.exists()


def find_free_port() -> int:
    """A port that is still free when it is used.

    The system gives it to nobody by itself, be it a server or a client that connects; and each
    process of a parallel run of tests has its own.
    """
    begin = 10_000 + 2_500 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8)
    while True:
        port = random.SystemRandom().randrange(begin, begin + 2_500)
        with socket.socket() as taken, suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return port


def wait_for(url: str, process: subprocess.Popen[Any]) -> None:
    """Until it answers."""
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > ends_at:
                raise
            time.sleep(0.05)
