"""The Dockerfile's steps, run without docker: what they install serves."""

import json
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from gateway.processes import find_free_port
from patience import PATIENCE_S
from tools.dockerfile import read_steps, run_steps
from tools.package import ROOT

IMAGE = ROOT / "Dockerfile"


def test_every_instruction_is_known_and_no_secret_is_among_them():
    steps = list(read_steps(IMAGE))
    assert steps[0][0] == "FROM"
    assert {name for name, _ in steps} >= {"COPY", "RUN", "USER", "ENTRYPOINT"}
    assert not any(name in ("ENV", "ARG") for name, _ in steps)


@pytest.mark.full
def test_the_image_serves(tmp_path: Path):
    assert list((ROOT / "dist").glob("*.whl")), "run ./build.sh package first"
    command, work = run_steps(IMAGE, tmp_path)
    port = find_free_port()
    # The last of an option counts.
    server = subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], cwd=work)
    try:
        assert ask(f"http://127.0.0.1:{port}/readyz")["ready"] is True
    finally:
        server.terminate()
        assert server.wait(PATIENCE_S) == 0


def ask(url: str) -> dict:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return json.load(response)
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")
