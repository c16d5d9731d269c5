"""The example of docs/history.md does what it says, and its tables name every field."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from tiny_dancer.history.codec import COLUMNS

TEXT = (Path(__file__).parents[2] / "docs/history.md").read_text("utf-8")


def test_example_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "docs/history.md", "exec"), {})
    (said,) = re.findall(r"^# (.*)$", example, re.MULTILINE)
    assert printed.getvalue() == said + "\n"


@pytest.mark.parametrize("kind", COLUMNS)
def test_every_field_is_written_down(kind: str) -> None:
    start = TEXT.index(f"**{kind}**")
    section = TEXT[start : TEXT.index("\n## ", start)]
    for name in COLUMNS[kind]:
        assert f"`{name}`" in section, name
