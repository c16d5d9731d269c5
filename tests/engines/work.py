"""Prompts for engines, the rows of a folder, and what a run took."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
from corpus.make_corpus import corpus

COMMAND = Path(sys.executable).with_name("tiny-dancer")
RESULTS = Path(__file__).resolve().parents[2] / "docs/results/engines.json"
PAGE = RESULTS.parents[1] / "scale.md"
PARQUET_ROWS, LINE_ROWS = 50_000, 40_000
"""Rows of a row group and of a file of lines."""


def prompts(n: int) -> Iterator[str]:
    """Prompts made of the corpus, each once."""
    texts = [text for row in corpus() if _is_plain(text := row["prompt"])]
    return (f"{texts[at % len(texts)]} ({at})" for at in range(n))


def write_folder(folder: Path, n: int) -> None:
    """Half of the prompts as one Parquet file, half as JSON lines."""
    folder.mkdir(parents=True)
    rows = enumerate(prompts(n))
    schema = pyarrow.schema({"id": pyarrow.int64(), "prompt": pyarrow.string()})
    with pyarrow.parquet.ParquetWriter(folder / "a.parquet", schema) as writer:
        for left in range(n // 2, 0, -PARQUET_ROWS):
            ids, texts = zip(*islice(rows, min(left, PARQUET_ROWS)), strict=True)
            writer.write_table(pyarrow.table([ids, texts], schema=schema))
    for number in range(-(-(n - n // 2) // LINE_ROWS)):
        with open(folder / f"b{number:02}.jsonl", "w") as file:
            file.writelines(
                json.dumps({"id": at, "prompt": text}) + "\n"
                for at, text in islice(rows, LINE_ROWS)
            )


def read_folder(folder: Path) -> dict[int, bytes]:
    """Every row of every shard by its id, as bytes."""
    rows: dict[int, bytes] = {}
    for path in find_shards(folder):
        found: Iterable[dict[str, Any]]
        if path.suffix == ".parquet":
            found = pyarrow.parquet.read_table(path).to_pylist()
        else:
            found = map(json.loads, path.read_text().splitlines())
        for row in found:
            assert row["id"] not in rows, f"{path.name}: row {row['id']} for the second time"
            rows[row["id"]] = json.dumps(row).encode()
    return rows


def find_shards(folder: Path) -> dict[Path, int]:
    """The shards that are there, with the times when they came."""
    return {
        path: path.stat().st_mtime_ns
        for path in folder.rglob("[!.]*")
        if path.suffix in (".parquet", ".jsonl")
    }


def start_score(engine: str, source: Path, target: Path, **environment: str) -> subprocess.Popen:
    """`tiny-dancer score --engine`, running; its lines come on standard error."""
    arguments = [COMMAND, "score", "--engine", engine, "--in", source, "--out", target]
    return subprocess.Popen(
        arguments, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )


def finish(process: subprocess.Popen) -> tuple[str, float]:
    """Its output and the seconds until its end; a failure is shown."""
    began = time.monotonic()
    _, shown = process.communicate(timeout=3600)
    assert process.returncode == 0, shown
    return shown, time.monotonic() - began


def keep_result(name: str, result: dict[str, Any]) -> None:
    """Add to the results file and the page, and print."""
    print(name, json.dumps(result))
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known[name] = result
    RESULTS.write_text(json.dumps(known, indent=2) + "\n")
    PAGE.write_text(write_table(PAGE.read_text("utf-8"), known), "utf-8")


def write_table(page: str, known: dict[str, Any]) -> str:
    """The page with the results as its table."""
    rows = ["| run | what was seen |", "| --- | --- |"]
    for name, result in known.items():
        seen = (f"{key.replace('_', ' ')} {value:,}" for key, value in result.items())
        rows.append(f"| {name} | {'; '.join(seen)} |")
    before, rest = page.split("<!-- engines -->\n")
    _, after = rest.split("<!-- /engines -->\n")
    return before + "\n".join(["<!-- engines -->", *rows, "<!-- /engines -->"]) + "\n" + after


def _is_plain(text: str) -> bool:
    try:
        return 0 < len(text.encode()) < 2_000
    except UnicodeEncodeError:
        return False
