"""What a start costs, and what a run through many prompts: each in a new process, in turn.

Bytecode is in place, as pip leaves it: the first round writes it and is not counted.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

ROUTE = "from tiny_dancer.cli import main; main()"
STARTS = {
    "python": "pass",
    "wasmtime": "import wasmtime",
    "typer": "import typer",
    "import": "import tiny_dancer",
    "first_decision": "from tiny_dancer import Router; Router().route('What is the capital?')",
    "cli_route": ROUTE,
}
"""Milliseconds of processor time of a process that does this; those of others are a floor."""

MANY = """
from time import process_time
from tiny_dancer import Router
router, prompts = Router(), ["Which of these is a prime number? Explain each step, " * 4] * 20_000
prompts = [prompt[:200] for prompt in prompts]
start = process_time()
for response in router.route_many(prompts):
    response.model
print(len(prompts) / (process_time() - start))
"""
"""Prompts of 200 characters a second of processor time."""


def runs(folders: dict[str, Path], rounds: int) -> dict[str, dict[str, float]]:
    """Medians by what was run and by name: milliseconds of processor, prompts a second."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as cache:
        for round_ in range(-1, rounds):
            for name, folder in folders.items():
                for what, value in _round(folder / "py", Path(cache) / name):
                    if round_ >= 0:
                        found[what, name].append(value)
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for (what, name), values in found.items():
        table[what][name] = round(median(values), 1)
    return table


def _round(package: Path, folder: Path) -> Iterator[tuple[str, float]]:
    folder.mkdir(exist_ok=True)
    for what, code in STARTS.items():
        arguments = ["route", "What is the capital of France?"] if what == "cli_route" else []
        processor, wall, _ = _run(package, folder, code, arguments)
        yield what, processor
        yield f"{what}_wall", wall
    *_, printed = _run(package, folder, MANY, [])
    yield "route_many_a_second", float(printed)


def compiled(cache: Path) -> dict[str, str]:
    """The environment of a process that keeps bytecode in a folder and takes it from there."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def _run(package: Path, folder: Path, code: str, arguments: list[str]) -> tuple[float, float, str]:
    """Milliseconds of processor and of the clock, and what was printed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=compiled(folder / "bytecode") | {"PYTHONPATH": str(package)},
        check=True,
        capture_output=True,
        text=True,
    )
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1e3 * processor, 1e3 * wall, done.stdout
