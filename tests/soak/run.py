"""`./build.sh bench --soak`: the long runs of this folder; writes docs/results/soak.json."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from machine import machine
from random_bundle import random_bundle
from reload import reload_while_routing
from residents import change_while_routing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULT = ROOT / "docs/results/soak.json"
REQUESTS = 1_000_000
SECONDS = 60


def last_line(*command: str | Path) -> dict[str, Any]:
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    print(file=sys.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Run, print, write."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.safetensors"
        model.write_bytes(random_bundle(7, h=32, v=8_000, candidates=True))
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        wheel = next(Path(folder).glob("*.whl"))
        figures = {
            "machine": machine(),
            "memory_cpython": last_line(sys.executable, HERE / "cpython.py", model, str(REQUESTS)),
            "memory_pyodide": last_line("node", HERE / "pyodide.mjs", wheel, model, str(REQUESTS)),
            "reload": {"seconds": SECONDS, **reload_while_routing(SECONDS)},
            "residents": {"seconds": SECONDS, **change_while_routing(SECONDS)},
        }
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    print(json.dumps({name: figures[name] for name in figures if name != "machine"}, indent=2))


if __name__ == "__main__":
    main()
