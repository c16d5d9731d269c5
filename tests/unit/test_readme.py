"""Every example in README and docs runs and prints what stands below it."""

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tiny_dancer.cli.app import COMMANDS

ROOT = Path(__file__).parents[2]
DATA = ROOT / "py/tiny_dancer/data"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# docs/trust.md is one example from its first block to its last: test_trust_docs.
PAGES.remove(ROOT / "docs/trust.md")
# Its examples need other packages: tests/integrations/test_docs.py runs them.
PAGES.remove(ROOT / "docs/integrations.md")
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.M | re.S)
EXAMPLES = [
    pytest.param(code, output, id=f"{page.name}-{number}")
    for page in PAGES
    for number, (code, output) in enumerate(EXAMPLE.findall(page.read_text("utf-8")), 1)
]


@pytest.mark.parametrize(("code", "output"), EXAMPLES)
def test_an_example_prints_what_stands_below_it(code, output, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "example", "exec"), {"__name__": "example"})
    assert printed.getvalue() == output


def test_there_are_examples():
    assert EXAMPLES


@pytest.mark.parametrize(
    ("row", "size"),
    [
        ("kernel", (DATA / "kernel.wasm").stat().st_size),
        ("bundle: model, vocabulary, calibration", (DATA / "default.safetensors").stat().st_size),
    ],
)
def test_the_sizes_in_the_readme_are_those_of_the_files(row, size):
    assert f"| {row} | {round(size / 1000)} KB |" in (ROOT / "README.md").read_text("utf-8")


def test_the_size_of_the_wheel_in_the_readme_is_that_of_one_built_now(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    size = next(tmp_path.glob("*.whl")).stat().st_size
    row = f"| wheel with both, no dependency in Pyodide | {size / 1e6:.1f} MB |"
    assert row in (ROOT / "README.md").read_text("utf-8")


def test_the_commands_in_the_readme_are_all_there_are():
    text = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"^    tiny-dancer ([a-z]+)", text, re.M)) == set(COMMANDS)


def test_the_times_in_the_readme_are_those_of_the_results_file():
    found = json.loads((ROOT / "docs/results/bench-text.json").read_text())
    text = (ROOT / "README.md").read_text("utf-8")
    for name in ("kernel", "cpython_route", "pyodide"):
        assert f"| {found[name]:.1f} µs |" in text
    for name in ("cpython_rss_growth_mib", "node_rss_growth_mib"):
        assert f"| {round(found[name])} MB" in text
