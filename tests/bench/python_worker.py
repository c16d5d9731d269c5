"""Times calls in CPython, of whatever revision of the package stands first on the path.

usage: python tests/bench/python_worker.py FOLDER NUMBERS     a folder is one that revision.py made

Answers each line {"way", "n", "calls"} of standard input by one line: as JSON the microseconds of
each call. The first answer names the best candidate by way, and the memory that a router took.
"""

import json
import sys
from pathlib import Path

from machine import peak_mib


def main(folder: Path, numbers: Path) -> None:
    """Answer until the input ends."""
    sys.path.insert(0, str(folder / "py"))
    before = peak_mib()
    from tiny_dancer import Router

    model = str(folder / "model.safetensors")
    Router(model=model).route("What is the capital of France?")
    memory = peak_mib() - before
    from calls import SIZES, WAYS, Calls

    calls = Calls(model, numbers.read_bytes())
    best = [calls.best(way, max(SIZES)) for way in WAYS]
    print(json.dumps({"best": best, "router_mib": round(memory, 1)}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(calls.batch(asked["way"], asked["n"], asked["calls"])), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
