"""100,000 rows and fields of a megabyte within the memory that docs/tables.md states."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from patience import WORK_S

ROWS = 100_000
READ = """
import json, sys, tracemalloc
from tiny_dancer.tables import open_table
tracemalloc.start()
with open_table(sys.argv[1]) as table:
    n = sum(1 for _ in table)
print(json.dumps([n, tracemalloc.get_traced_memory()[1]]))
"""

pytestmark = pytest.mark.skipif(sys.platform == "emscripten", reason="it starts processes")


def read(path: Path) -> tuple[int, int]:
    """Rows, and the most bytes that Python held for them at once."""
    done = subprocess.run(
        [sys.executable, "-c", READ, path], capture_output=True, text=True, timeout=WORK_S
    )
    assert done.returncode == 0, done.stderr
    return tuple(json.loads(done.stdout))


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_memory_does_not_grow_with_the_rows(tmp_path, ending):
    held = {}
    for rows in (1_000, ROWS):
        path = tmp_path / f"{rows}.{ending}"
        with path.open("w") as file:
            file.write("prompt,mini,large\n" if ending == "csv" else "")
            for i in range(rows):
                row = {"prompt": f"What is {i}?" + " word" * 10, "mini": 0, "large": 1}
                csv = f"{row['prompt']},0,1\n"
                file.write(csv if ending == "csv" else json.dumps(row) + "\n")
        count, held[rows] = read(path)
        assert count == rows
    assert held[ROWS] < held[1_000] + (64 << 10)
    assert held[ROWS] < 4 << 20


def test_an_array_of_json_is_held_once_with_its_lines(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"prompt": f"What is {i}?", "mini": 0} for i in range(ROWS)]))
    count, held = read(path)
    assert count == ROWS
    assert held < 8 * path.stat().st_size


def test_a_field_of_a_megabyte_is_held_a_few_times_at_most(tmp_path):
    path = tmp_path / "rows.csv"
    field = "some word " * 105_000
    with path.open("w") as file:
        file.write("prompt,mini,large\n" + f'"{field}",0,1\n' * 60)
    count, held = read(path)
    assert count == 60
    assert held < 16 * len(field)  # the parser counts four bytes a character, and grows by halves


def test_what_unpacks_to_gigabytes_is_refused_before_it_is_held(tmp_path):
    import gzip

    path = tmp_path / "rows.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"prompt,mini,large\n")
        for _ in range(512):
            file.write(b"x" * (1 << 20))
    code = READ.replace("    n = sum", "  try:\n    n = sum").replace(
        "print(", "  except ValueError as error:\n    n = str(error)\nprint("
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, timeout=WORK_S
    )
    said, held = json.loads(done.stdout)
    assert "line 2: more than 16,777,216 characters" in said
    assert held < 256 << 20
