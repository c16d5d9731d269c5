"""Rows of people are read by one module: no command opens or parses a file of them on its own."""

import ast
import json
import sys
from pathlib import Path

import pytest
from random_bundle import random_bundle
from tables.commands import run
from tables.odd_file import SIMPLE_CSV
from tables.odd_others import CANDIDATE, PRICES

import tiny_dancer
from tiny_dancer.cli.app import COMMANDS

PACKAGE = Path(tiny_dancer.__file__).parent
READS = {
    "route": ("route", "x", "--bundle", "b", "--candidates", "rows"),
    "score": ("score", "--bundle", "b", "--in", "rows", "--out", "out"),
    "inspect": None,
    "serve": None,
    "train": ("train", "rows", "--out", "out", "--start", "b", "--prices", "prices"),
    "eval": ("eval", "b", "rows", "--prices", "prices"),
    "calibrate": ("calibrate", "rows", "--quality", "0.1", "--bundle", "b", "--out", "out"),
    "adapt": ("adapt", "b", "rows", "--out", "out"),
    "prune": ("prune", "b", "rows", "--out", "out"),
    "report": ("report", "rows", "--bundle", "b"),
    "import": ("import", "litellm", "rows", "--out", "out.csv"),
    "replay": None,
    "drift": None,
}
"""Every command: how it is called with files of rows, or None where it takes none."""

PARSERS = {"csv.reader", "csv.DictReader", "csv.Sniffer", "json.load", "pandas.read_csv"}
LINES = {"splitlines", "readlines"}
WRITES = {
    "cli/import_logs.py",
    "evaluate/adaptation/left_out.py",
    "evaluate/four_models.py",
}
"""Modules that write CSV: what was imported, and the studies of docs/."""

opened: list[tuple[str, str]] = []
watched: set[str] = set()


def watch(event: str, arguments: tuple) -> None:
    """An audit hook: which of the package's modules opens a file that is watched."""
    if event != "open" or not watched or Path(str(arguments[0])).name not in watched:
        return
    frame = sys._getframe(1)
    while frame is not None and not frame.f_code.co_filename.startswith(str(PACKAGE)):
        frame = frame.f_back
    if frame is not None:
        path = Path(frame.f_code.co_filename).relative_to(PACKAGE).as_posix()
        opened.append((Path(str(arguments[0])).name, path))


sys.addaudithook(watch)


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))


def test_every_command_is_listed():
    assert set(READS) == set(COMMANDS), "say how a new command reads files of rows"


@pytest.mark.parametrize("command", [name for name, call in READS.items() if call])
def test_a_command_opens_rows_by_the_one_reader(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("b").write_bytes(random_bundle(1, candidates=True))
    rows = json.dumps([CANDIDATE]) if command == "route" else SIMPLE_CSV
    Path("rows").write_text(rows)
    Path("prices").write_text(json.dumps(PRICES))
    opened.clear()
    watched.update({"rows", "prices"})
    try:
        run(*READS[command])
    finally:
        watched.clear()
    assert {name for name, _ in opened} == {"rows", "prices"} & set(READS[command])
    assert {module for _, module in opened} == {"files/input.py"}


def test_no_other_module_parses_csv_or_json_lines():
    wrong = []
    for name, tree in modules():
        if name.startswith("tables/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                said = f"{ast.unparse(node.value)}.{node.attr}"
                if said in PARSERS or (
                    node.attr in LINES and "json" in ast.unparse(tree) and loads_lines(tree)
                ):
                    wrong.append(f"{name}: {said}")
            if isinstance(node, ast.Import) and any(a.name == "csv" for a in node.names):
                wrong += [f"{name}: import csv"] if name not in WRITES else []
    assert not wrong


def loads_lines(tree: ast.AST) -> bool:
    """Whether something is parsed for each line of a text."""
    loops = (ast.For, ast.ListComp, ast.GeneratorExp)
    return any(
        "json.loads" in (text := ast.unparse(node)) and any(word in text for word in LINES)
        for node in ast.walk(tree)
        if isinstance(node, loops)
    )


def test_the_reader_needs_the_standard_library_alone_and_no_file_system():
    """It runs in a tab on what a user drops on the page: bytes in, rows out."""
    for name, tree in modules():
        if not name.startswith("tables/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.module.split(".")[0] in (
                    "errors",
                    "files",
                    "strict_json",
                    "delimited",
                    "fault",
                    "json_rows",
                    "path",
                    "row",
                    "source",
                    "table",
                ), (name, node.module)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = (
                    [node.module]
                    if isinstance(node, ast.ImportFrom)
                    else [a.name for a in node.names]
                )
                assert all(n.split(".")[0] in sys.stdlib_module_names for n in names)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "open", name
