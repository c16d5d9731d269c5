"""`./build.sh bench`: what calibrating, learning and a certified policy cost, on two hosts.

Prints a table and writes docs/results/bench-trust.json. Times are of the processor, so that other
work on the machine counts little. Decisions by the default and by a certified
policy take turns in one run: compare rows, not runs.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from machine import machine
from trust_work import LEARNED, OUTCOMES, measure

from tiny_dancer.hosts.package_data import default_bundle

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "docs/results/bench-trust.json"


def measure_pyodide(model: bytes) -> dict[str, Any]:
    """The same in Node."""
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        file = Path(folder) / "model"
        file.write_bytes(model)
        wheel = next(Path(folder).glob("*.whl"))
        run = ["node", "tests/bench/trust.mjs", str(wheel), str(file)]
        done = subprocess.run(run, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure, print, write."""
    model = default_bundle()
    assert model is not None
    hosts = {
        "cpython": asyncio.run(measure(process_time, model)),
        "pyodide": measure_pyodide(model),
    }
    figures = {"outcomes": OUTCOMES, "learned": LEARNED, "machine": machine(), **hosts}
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    for name, host in hosts.items():
        calibrated = ", ".join(f"{m} {s:.2f} s" for m, s in host["calibrate_s"].items())
        us = host["decision_us"]
        print(f"{name}: {OUTCOMES:,} outcomes calibrated in {calibrated}")
        print(f"  {LEARNED:,} outcomes learned from in {host['learn_s']:.2f} s")
        print(
            f"  a decision by the default policy {us['default']:.1f} µs, by a certified one "
            f"{us['certified']:.1f} µs: {us['ratio']:.3f} of it"
        )


if __name__ == "__main__":
    main()
