"""`python -m tiny_dancer.evaluate.adaptation`: the curve of docs/adapt.md, from TINY_DANCER_DATA.

Two bundles are trained, each without one source and what is related to it; then some of that
source's labels adapt it. What is done is kept in build/adaptation and not done again. With
`--redraw` the page is drawn from the results file alone.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...errors import InvalidInputError

CHECKOUT = Path(__file__).resolve().parents[4]
DRAWS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done, 1 the work failed."""
    parser = argparse.ArgumentParser(prog="adaptation", description=__doc__)
    parser.add_argument("--redraw", action="store_true", help="draw the page only")
    parser.add_argument("--draws", type=int, default=DRAWS, help="draws of labels a source")
    parser.add_argument("--work", type=Path, default=CHECKOUT / "build" / "adaptation")
    parser.add_argument("--docs", type=Path, default=CHECKOUT / "docs")
    options = parser.parse_args(arguments)
    os.environ.setdefault(
        "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=2"
    )
    results = options.docs / "results" / "adapt.json"
    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {line}", file=sys.stderr, flush=True)

    if not options.redraw:
        from ...train.minilm import WheelMissing

        try:
            found = _study(options.work, options.draws, progress)
        except (InvalidInputError, WheelMissing) as error:
            print(f"adaptation: {error}", file=sys.stderr)
            return 1
        results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    from .document import picture, redrawn, table

    known = json.loads(results.read_text(encoding="utf-8"))
    page = options.docs / "adapt.md"
    page.write_text(redrawn(page.read_text(encoding="utf-8"), known), encoding="utf-8")
    (options.docs / "results" / "adapt.svg").write_bytes(picture(known))
    print(table(known), end="")
    return 0


def _study(work: Path, draws: int, progress: Callable[[str], None]) -> dict[str, Any]:
    from ...adapt import read_labels
    from ...train.labels import data_folder
    from .curve import minilm_states, one_draw, summary
    from .left_out import WITHOUT, left_out_bundle

    work.mkdir(parents=True, exist_ok=True)
    folder, found = data_folder(), {}
    for source in WITHOUT:
        bundle = left_out_bundle(folder, source, work, progress)
        path = folder / f"{source}.csv.gz"
        labels, states = read_labels(path), None
        rows: list[dict[str, Any]] = []
        for seed in range(draws):
            done = work / f"{source}-{bundle.bundle_hash[:12]}-{seed}.json"
            if not done.is_file():
                progress(f"{source}: draw {seed + 1} of {draws}")
                if states is None:
                    states = minilm_states(path, work, progress)
                done.write_text(json.dumps(list(one_draw(bundle, labels, states, seed))))
            rows += json.loads(done.read_text())
        found[source] = {
            "without": WITHOUT[source],
            "rows": len(labels),
            "test_rows": [r["test_rows"] for r in rows if "test_rows" in r],
            "bundle": bundle.bundle_hash,
            "recipe": bundle.provenance["recipe"],
            "summary": summary(rows),
        }
    return {"made_by": "python -m tiny_dancer.evaluate.adaptation", "sources": found}


if __name__ == "__main__":
    sys.exit(main())
