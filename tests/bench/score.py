"""Part of `./build.sh bench`: `tiny-dancer score` over all prompts of the data folder's mmlu.

Each run is a new process on one core, from its start to its end. Prints the medians and writes
docs/results/bench-score.json; without TINY_DANCER_DATA it says so and leaves the file as it is.
"""

import csv
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from machine import machine
from starts import compiled

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "docs/results/bench-score.json"
RUNS = 7
COMMAND = "from tiny_dancer.cli import main; main()"


def write_prompts(source: Path, target: Path) -> int:
    """Number of prompts written, a JSON object a line."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        rows = [json.dumps({"prompt": row["prompt"]}) + "\n" for row in csv.DictReader(file)]
    target.write_text("".join(rows), encoding="utf-8")
    return len(rows)


def run(folder: Path) -> tuple[float, float]:
    """Seconds of processor and of the clock that one run takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(
        [sys.executable, "-c", COMMAND, "score", "--in", "prompts.jsonl", "--out", "scores.jsonl"],
        cwd=folder,
        env=compiled(folder / "bytecode"),
        check=True,
        stderr=subprocess.DEVNULL,
    )
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    """Measure, print, write."""
    data = os.environ.get("TINY_DANCER_DATA")
    if not data or not (Path(data) / "mmlu.csv.gz").is_file():
        print("score: skipped, TINY_DANCER_DATA names no folder with mmlu.csv.gz (docs/data.md)")
        return
    if hasattr(os, "sched_setaffinity"):  # inherited by the runs
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n = write_prompts(Path(data) / "mmlu.csv.gz", folder / "prompts.jsonl")
        run(folder)
        runs = [run(folder) for _ in range(RUNS)]
        with (folder / "scores.jsonl").open(encoding="utf-8") as file:
            assert sum(1 for _ in file) == n
    processor, wall = (median(times) for times in zip(*runs, strict=True))
    figures = {
        "prompts": n,
        "runs": RUNS,
        "processor_seconds": round(processor, 3),
        "wall_seconds": round(wall, 3),
        "best_processor_seconds": round(min(processor for processor, _ in runs), 3),
        "prompts_per_processor_second": round(n / processor),
        "prompts_per_wall_second": round(n / wall),
        "machine": machine(),
    }
    RESULT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    print(
        f"tiny-dancer score, one core, start included: {n:,} prompts, "
        f"{n / processor:,.0f} a second of processor ({processor:.2f} s), "
        f"{n / wall:,.0f} a second of the clock ({wall:.2f} s)"
    )


if __name__ == "__main__":
    main()
