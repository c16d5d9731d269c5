"""`./build.sh bench`: what one decision about a text costs, by host, in one run.

Prints a table and writes docs/results/bench-text.json. Times are medians of batches on whatever
machine this is: compare rows, not runs.
"""

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from machine import machine, peak_mib
from stages import stages

from tiny_dancer import Router
from tiny_dancer.model import image

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "docs/results/bench-text.json"
PROMPT = (
    "Write a Python function that parses dates in several formats, handles time zones and leap "
    "years, and raises a clear error for input that is not a date."
)
EXPERIMENT = {"kernel": 6.9, "pyodide": 8.8, "cpython": 9.7}
"""Microseconds for 36 tokens in the experiment this kernel grew from; CPython by a prepared call,
without the decision around it."""


def cpython() -> dict[str, Any]:
    """The decision and the scorer below it, in this interpreter."""
    before = peak_mib()
    router = Router()
    router.route(PROMPT)
    growth = round(peak_mib() - before, 1)
    found = stages(PROMPT)
    return {
        "cpython": found["text_scorer"],
        "cpython_route": found["text_route"],
        "cpython_stages": found,
        "cpython_rss_growth_mib": growth,
    }


def node(router: Router) -> dict[str, Any]:
    """Kernel alone and Pyodide, in Node."""
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        (Path(folder) / "image").write_bytes(image(router.bundle, 512))  # type: ignore[arg-type]
        wheel = next(Path(folder).glob("*.whl"))
        run = ["node", "tests/bench/text.mjs", str(wheel), f"{folder}/image", PROMPT]
        done = subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True)
        size = wheel.stat().st_size
    return {**json.loads(done.stdout.splitlines()[-1]), "wheel_bytes": size}


def main() -> None:
    """Measure, print, write."""
    here = cpython()  # first: its memory is counted from before the router
    router = Router()
    figures = {
        "tokens": router.route(PROMPT).n_tokens,
        "prompt_bytes": len(PROMPT.encode()),
        "bundle": router.bundle.bundle_hash if router.bundle else None,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        **here,
        **node(router),
        "load": machine()["load"],
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    print(f"one decision about {figures['tokens']} tokens, microseconds (median)")
    for name, what in (
        ("kernel", "kernel alone, in V8"),
        ("pyodide", "router.route, Pyodide in Node"),
        ("pyodide_without_glue", "the same without the glue module"),
        ("cpython", "scorer, CPython"),
        ("cpython_route", "router.route, CPython"),
    ):
        beside = f"   experiment {EXPERIMENT[name]}" if name in EXPERIMENT else ""
        print(f"  {what:34}{figures[name]:7.2f}{beside}")


if __name__ == "__main__":
    main()
