"""docs/tables.md: its messages are those that are said, its table is that of the results."""

import json
import re
from pathlib import Path

import pytest

from tiny_dancer.adapt import read_labels
from tiny_dancer.errors import InvalidInputError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/tables.md").read_text("utf-8")
FILES = (
    b"prompt,mini,large\nx,0,1\ny,85 %,1\n",
    "prompt,mini,large\nx,0,1\ny,0,1\nz,0,1\nGröße,0,1\n".encode("latin-1"),
    b"prompt,mini,large\nx, or y,0,1\n",
    b"prompt,mini,large,mini\nx,0,1,1\n",
)


def test_the_messages_of_the_page_are_what_is_said():
    (block,) = re.findall(r"^```text\n(.*?)^```\n", PAGE, re.M | re.S)
    said = []
    for data in FILES:
        with pytest.raises(InvalidInputError) as caught:
            read_labels(data, name="labels.csv")
        said.append(str(caught.value))
    assert block.splitlines() == said


def test_the_table_of_the_page_is_that_of_the_results(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tests/bench")
    import reading as bench

    found = json.loads((ROOT / "docs/results/bench-reading.json").read_text("utf-8"))["found"]
    assert f"{bench.BEGIN}\n{bench.draw(found)}\n{bench.END}" in PAGE
