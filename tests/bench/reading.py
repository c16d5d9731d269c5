"""Part of `./build.sh bench`: reading 100,000 rows, and fields of a megabyte.

Each run is a new process. Prints, and writes docs/results/bench-reading.json and the table of
docs/tables.md: seconds of processor and the most memory held, beside those of a file of one row.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from machine import machine

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "docs/results/bench-reading.json"
PAGE = ROOT / "docs/tables.md"
BEGIN, END = "<!-- drawn: reading -->", "<!-- end -->"
ROWS = 100_000
FIELDS = 100
RUNS = 3

COUNT = """
from tiny_dancer.tables import open_table
with open_table(sys.argv[1]) as table:
    n = sum(1 for row in table)
"""
LABELS = """
from tiny_dancer.adapt import read_labels
n = len(read_labels(sys.argv[1]))
"""
MEASURED = """
import json, resource, sys
{code}
used = resource.getrusage(resource.RUSAGE_SELF)
# Of this process alone: ru_maxrss begins with what the one that started it held.
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([n, used.ru_utime + used.ru_stime, int(most.split()[1]) / 1024]))
"""


def write_rows(folder: Path) -> dict[str, Path]:
    """The same 100,000 rows, some 110 characters each, in each form; and megabytes in fields."""
    rows = [
        {
            "prompt": f'What is the {i}th "word", or none, of the book?\n{"word " * 10}',
            "mini": i % 2,
            "large": 1,
        }
        for i in range(ROWS)
    ]
    quoted = (f'"{row["prompt"].replace(chr(34), chr(34) * 2)}",{row["mini"]},1\n' for row in rows)
    large = ({"prompt": "some word " * 105_000, "mini": 0, "large": 1} for _ in range(FIELDS))
    texts = {
        "rows.csv": "prompt,mini,large\n" + "".join(quoted),
        "rows.jsonl": "".join(json.dumps(row) + "\n" for row in rows),
        "rows.json": json.dumps(rows, indent=1),
        "megabytes.csv": "prompt,mini,large\n"
        + "".join(f'"{row["prompt"]}",0,1\n' for row in large),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run(["gzip", "-k", folder / "rows.csv"], check=True)
    return {name: folder / name for name in (*texts, "rows.csv.gz")}


def run(code: str, path: Path) -> tuple[int, float, float]:
    """Rows read, seconds of processor, MiB held at most."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED.format(code=code), str(path)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "py")},
    )
    n, seconds, mib = json.loads(done.stdout)
    return n, seconds, mib


def measure(code: str, path: Path) -> dict[str, float]:
    """Medians of some runs."""
    runs = [run(code, path) for _ in range(RUNS)]
    return {
        "rows": runs[0][0],
        "seconds": round(median(one[1] for one in runs), 2),
        "mib": round(median(one[2] for one in runs)),
    }


def draw(found: dict[str, dict[str, dict[str, float]]]) -> str:
    """The table of docs/tables.md."""
    lines = ["| file | | rows alone | | labels | |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    lines.append("| | MiB | seconds | MiB held | seconds | MiB held |")
    for name, row in found["rows alone"].items():
        labels = found["labels"][name]
        size = f"{row['file_mib']:,.1f}" if "file_mib" in row else ""
        what = f"{row['rows']:,} rows, `{name}`" if size else "one row: what a start takes"
        cells = (what, size, row["seconds"], row["mib"], labels["seconds"], labels["mib"])
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        files = write_rows(Path(name))
        start = Path(name) / "one.csv"
        start.write_text("prompt,mini,large\na,0,1\n")
        for what, code in (("rows alone", COUNT), ("labels", LABELS)):
            found[what] = {"start": measure(code, start)}
            for file, path in files.items():
                found[what][file] = measure(code, path)
                found[what][file]["file_mib"] = round(path.stat().st_size / 2**20, 1)
                print(f"{what}, {file}: {found[what][file]}")
    text = json.dumps({"machine": machine(), "runs": RUNS, "found": found}, indent=1) + "\n"
    RESULT.write_text(text, encoding="utf-8")
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{draw(found)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
