"""`python -m tiny_dancer.train`: the shipped bundle and its report, from TINY_DANCER_DATA."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import InvalidInputError

THREADS = "--xla_cpu_multi_thread_eigen=true intra_op_parallelism_threads=2"
CHECKOUT = Path(__file__).resolve().parents[3]
BUNDLE = Path(__file__).resolve().parents[1] / "data" / "default.safetensors"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 done, 1 the work failed."""
    parser = argparse.ArgumentParser(prog="./build.sh train", description=__doc__)
    parser.add_argument("--out", type=Path, default=BUNDLE, help="where the bundle goes")
    parser.add_argument(
        "--results", type=Path, default=CHECKOUT / "docs" / "results", help="folder of the reports"
    )
    parser.add_argument("--seed", type=int, default=None, help="another seed than the recipe's")
    parser.add_argument(
        "--cache",
        type=Path,
        default=None,
        help="keep MiniLM's states (for candidates) in this .npz file",
    )
    options = parser.parse_args(arguments)
    os.environ.setdefault("XLA_FLAGS", THREADS)
    from .minilm import WheelMissing

    started = time.monotonic()

    def progress(line: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {line}", file=sys.stderr, flush=True)

    try:
        _train(options, progress)
    except (InvalidInputError, WheelMissing) as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    return 0


def _train(options: argparse.Namespace, progress: Callable[[str], None]) -> None:
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from .candidates import with_candidates
    from .labels import data_folder
    from .recipe import Recipe
    from .report import markdown, read_pairs, report
    from .shipped import train_bundle

    started = time.monotonic()
    recipe = Recipe() if options.seed is None else replace(Recipe(), seed=options.seed)
    with TemporaryDirectory() as folder:
        cache = options.cache or Path(folder) / "states.npz"
        shipped = train_bundle(data_folder(), recipe, progress)
        bundle = with_candidates(shipped.bundle, data_folder(), progress, cache)
    shipped = replace(shipped, bundle=bundle)
    said = compared(bundle, BUNDLE.read_bytes() if BUNDLE.is_file() else b"")
    options.out.write_bytes(shipped.bundle)
    pairs = read_pairs(CHECKOUT / "tests" / "corpus" / "pairs.jsonl")
    found = report(shipped, pairs, time.monotonic() - started)
    options.results.mkdir(parents=True, exist_ok=True)
    import json

    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (options.results / "training-report.json").write_text(text, encoding="utf-8")
    (options.results / "training-report.md").write_text(markdown(found), encoding="utf-8")
    print(markdown(found).split("## Marked pairs")[0])
    print(f"{options.out.name}: {len(shipped.bundle):,} bytes, {said}")


def compared(made: bytes, shipped: bytes) -> str:
    """Return whether the bundle that was made is the one that lay in the package."""
    return "the shipped ones again" if made == shipped else "not the shipped ones"


if __name__ == "__main__":
    sys.exit(main())
