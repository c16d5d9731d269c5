"""Prompts of the labelled files in the folder that TINY_DANCER_DATA names."""

import csv
import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

csv.field_size_limit(1 << 24)


def labelled_prompts() -> Iterator[tuple[str, str]]:
    """Source and prompt of every row; skips the test where the folder is not there."""
    folder = os.environ.get("TINY_DANCER_DATA")
    if not folder:
        pytest.skip("TINY_DANCER_DATA names no folder with labelled prompts")
    files = sorted(Path(folder).glob("*.csv.gz"))
    if not files:
        pytest.skip("the folder that TINY_DANCER_DATA names holds no *.csv.gz")
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield path.name.removesuffix(".csv.gz"), row["prompt"]
