"""README's first example as a script of Node, and the library in workerd as wrangler builds it."""

import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import httpx
from apps.conftest import BIN, ENVIRONMENT, PRINTED, run

EASY = "What is the capital of France?"
HARD = "Prove that every bounded sequence of real numbers has a convergent subsequence."
UPLOAD_MIB = 30
START_S = 300


def test_the_readme_example_works_as_a_script(make: Callable[[str], Path]) -> None:
    assert run("node", "main.js", cwd=make("worker")).splitlines()[-1] == PRINTED.strip()


@contextmanager
def developed(app: Path) -> Iterator[str]:
    """Address of `wrangler dev`, which is workerd."""
    command = [str(BIN / "wrangler"), "dev", "--local", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--show-interactive-dev-session=false"],
        cwd=app,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    limit = Timer(START_S, process.kill)
    limit.start()
    try:
        assert process.stdout
        for line in process.stdout:
            said += line
            if found := re.search(r"Ready on (http://\S+)", line):
                limit.cancel()
                yield found[1]
                return
        raise AssertionError(said[-4000:])
    finally:
        limit.cancel()
        process.terminate()
        process.communicate(timeout=300)


def ask(url: str, prompt: str) -> object:
    response = httpx.post(url, content=prompt, timeout=300, trust_env=False)
    return response.raise_for_status().json()


def test_wrangler_builds_a_worker_that_loads_a_router(make: Callable[[str], Path]) -> None:
    app = make("worker")
    said = run(BIN / "wrangler", "deploy", "--dry-run", "--outdir", "out", cwd=app)
    found = re.search(r"Total Upload: ([\d.]+) KiB", said)
    assert found and float(found[1]) < UPLOAD_MIB * 1024
    with developed(app) as url, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda prompt: ask(url, prompt), [EASY, HARD] * 4))
    easy = {"model": "light", "reason": "below_threshold", "snapshot": True}
    hard = {"model": "powerful", "reason": "above_threshold", "snapshot": True}
    assert answers == [easy, hard] * 4
