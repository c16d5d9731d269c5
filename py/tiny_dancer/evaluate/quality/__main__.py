"""`./build.sh eval`: score the shipped bundle, redraw docs/quality.md from the results files.

With `--full`: retrain everything behind the results, run by run; what is done is kept in
build/study and not done again.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ...errors import InvalidInputError

THREADS = "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=2"
CHECKOUT = Path(__file__).resolve().parents[4]
RESULTS = CHECKOUT / "docs" / "results" / "quality"
PAGE = CHECKOUT / "docs" / "quality.md"
LEFT_OUT = Path(__file__).resolve().parents[2] / "data" / "default.left_out.json"
"""What the shipped bundle's default policy keeps of sources left out, beside the bundle."""
SCORES = CHECKOUT / "build" / "study"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done, 1 the work failed."""
    parser = argparse.ArgumentParser(prog="./build.sh eval", description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="retrain: about two hours on two idle cores"
    )
    parser.add_argument("--part", action="append", default=[], help="with --full: this part only")
    parser.add_argument(
        "--before",
        type=Path,
        default=None,
        help="with --full: an older bundle, compared where it saw nothing of what is tested",
    )
    options = parser.parse_args(arguments)
    os.environ.setdefault("XLA_FLAGS", THREADS)
    from ...train.labels import ENVIRONMENT, data_folder, read_folder
    from ...train.minilm import WheelMissing
    from .document import redraw

    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {line}", file=sys.stderr, flush=True)

    if not os.environ.get(ENVIRONMENT):
        if options.full:
            print(f"eval: --full needs {ENVIRONMENT} (docs/data.md)", file=sys.stderr)
            return 1
        progress(f"{ENVIRONMENT} is not set: nothing is scored, the page is redrawn only")
    else:
        try:
            from .study import study, write

            data = read_folder(data_folder())
            if options.full:
                from .runs import Bench

                if options.part != ["wide"]:
                    study(Bench(data, SCORES, progress), RESULTS, options.part, progress)
                if not options.part or "wide" in options.part:
                    from ...hosts.package_data import default_bundle
                    from ...model import read_bundle
                    from .parts import WIDE
                    from .wide_figures import earlier_aucs, left_out, wide_figures

                    bundle = read_bundle(default_bundle() or b"")
                    before = options.before.read_bytes() if options.before else None
                    earlier = earlier_aucs(RESULTS)
                    found = wide_figures(
                        data_folder(), SCORES, before, earlier, WIDE, progress, bundle
                    )
                    write(RESULTS / "wide.json", found)
                    write(LEFT_OUT, left_out(found))
            from ...train.wider import read_wide
            from .shipped import shipped_figures

            progress("the shipped bundle, by the kernel")
            write(RESULTS / "shipped.json", shipped_figures(read_wide(data_folder())))
            from ...hosts.package_data import default_bundle
            from .robustness import robustness

            write(RESULTS / "robustness.json", robustness(default_bundle() or b""))
            from ...train.agreement import agreement

            write(RESULTS / "everyday.json", agreement(default_bundle() or b""))
        except (InvalidInputError, WheelMissing) as error:
            print(f"eval: {error}", file=sys.stderr)
            return 1
    print(redraw(PAGE, RESULTS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
