"""The tables of docs/history.md name every field (test_readme.py runs its example)."""

from pathlib import Path

import pytest

from tiny_dancer.history.records.codec import COLUMNS

TEXT = (Path(__file__).parents[2] / "docs/history.md").read_text("utf-8")


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_field_is_written_down(kind: str) -> None:
    start = TEXT.index(f"**{kind}**")
    section = TEXT[start : TEXT.index("\n## ", start)]
    for name in COLUMNS[kind]:
        assert f"`{name}`" in section, name
