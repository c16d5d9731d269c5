"""`python -m tiny_dancer.evaluate.trust`: the figures of docs/trust.md, from TINY_DANCER_DATA.

With `--redraw` tables and picture are drawn from the results file alone.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import InvalidInputError

CHECKOUT = Path(__file__).resolve().parents[4]
SAMPLES, RUNS, SHIFTS = 100, 400, 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done, 1 the work failed."""
    parser = argparse.ArgumentParser(prog="trust", description=__doc__)
    parser.add_argument("--redraw", action="store_true", help="draw tables and picture only")
    parser.add_argument("--docs", type=Path, default=CHECKOUT / "docs")
    options = parser.parse_args(arguments)
    results = options.docs / "results" / "trust.json"
    if not options.redraw:
        try:
            found = _study()
        except InvalidInputError as error:
            print(f"trust: {error}", file=sys.stderr)
            return 1
        results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    from .document import draw, redraw

    known = json.loads(results.read_text(encoding="utf-8"))
    page = options.docs / "trust.md"
    page.write_text(redraw(page.read_text(encoding="utf-8"), known), encoding="utf-8")
    (options.docs / "results" / "trust.svg").write_bytes(draw(known))
    return 0


def _study() -> dict[str, Any]:
    from ...drift import RATE
    from ...train.labels import data_folder
    from . import alarms, pools, savings

    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {line}", file=sys.stderr, flush=True)

    folder, bundle = data_folder(), pools.load_bundle()
    held_out = pools.read_held_out(bundle)
    abroad = pools.read_abroad(bundle, folder)
    easy, hard = pools.read_subjects(bundle, folder)
    progress("pools are scored")
    false = {}
    for name, stream in alarms.STREAMS.items():
        false[name] = alarms.count_false_alarms(held_out, stream, RUNS)
        progress(f"{name}: {false[name]}")
    subjects = alarms.count_broken(easy, hard, SHIFTS)
    progress(f"harder subjects: {subjects}")
    delay = alarms.measure_delay(easy, abroad, SHIFTS)
    progress(f"other requests: {delay}")
    return {
        "made_by": "python -m tiny_dancer.evaluate.trust",
        "bundle": bundle.bundle_hash,
        "delta": savings.DELTA,
        "prices": {"light": savings.LIGHT_PRICE, "powerful": 1.0, "judge": savings.JUDGE_PRICE},
        "requests": savings.REQUESTS,
        "false_alarms": {"rate": alarms.FALSE_RATE, "graded": 1 / alarms.GRADED, **false},
        "harder_subjects": {"easy": len(easy), "hard": len(hard), **subjects},
        "other_requests": {"rate": RATE, "prompts": len(abroad), **delay},
        "pools": {
            name: {
                "prompts": len(pool),
                "rows": savings.study_pool(pool, [*easy, *hard], SAMPLES, progress),
            }
            for name, pool in (("held out", held_out), ("never trained on", abroad))
        },
    }


if __name__ == "__main__":
    sys.exit(main())
