"""The pack: the same bytes everywhere, nothing of the machine, no image that does not fit."""

import ast
import json
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from edge.conftest import run_node
from edge.workerd import ROOT

NEVER_IN_PYODIDE = tuple(
    f"tiny_dancer/{room}/" for room in ("cli", "evaluate", "gateway/server", "train")
)
FILES = ("stdlib.zip", "tiny_dancer.zip", "heap.bin", "meta.json", "kernel.wasm")


@pytest.fixture(scope="module")
def said(program: str, pack: Path) -> dict[str, Any]:
    """What faults.mjs found."""
    done = run_node(program, "tests/edge/faults.mjs", pack)
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("other build", "the build is"),
        ("other table", "the length of the function table is"),
        ("other trampoline", "the place of the call trampoline is"),
        ("other memory", "the memory is"),
        ("truncated", "its header needs"),
        ("no image", "not a memory image"),
    ],
)
def test_an_image_that_does_not_fit_is_refused(
    said: dict[str, Any], fault: str, message: str
) -> None:
    assert message in (said["found"][fault] or "it was taken")


def test_the_image_decides_as_a_plain_start_does(said: dict[str, Any]) -> None:
    assert said["found"]["none"] is None
    assert said["same"]
    assert "'reason': 'below_threshold'" in said["plain"]


def test_the_trimmed_library_has_what_is_imported_late(said: dict[str, Any]) -> None:
    assert said["trimmed"] == "late imports work"


def test_copies_draw_other_numbers_once_they_are_seeded(said: dict[str, Any]) -> None:
    (before, after), (again, other) = said["draws"]
    assert before == again
    assert len({before, after, other}) == 3


def test_the_same_sources_give_the_same_bytes_elsewhere(
    program: str, pack: Path, tmp_path: Path
) -> None:
    other = tmp_path / "another folder" / "pack"
    done = run_node(
        program, "pack/build.mjs", other, LANG="de_DE.UTF-8", LC_ALL="C", TZ="Asia/Tokyo"
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert (other / "key").read_text() == (pack / "key").read_text(), "sources changed meanwhile"
    wasm = [f"wasm/{file.name}" for file in sorted((pack / "wasm").iterdir())]
    assert len(wasm) == 31
    assert [n for n in (*FILES, *wasm) if (pack / n).read_bytes() != (other / n).read_bytes()] == []


def test_nothing_in_it_knows_where_it_was_built(pack: Path) -> None:
    places = {str(ROOT), str(Path.home()), os.uname().nodename}
    for file in (f for f in pack.rglob("*") if f.is_file()):
        data = file.read_bytes()
        assert [p for p in places if len(p) > 5 and p.encode() in data] == [], file.name


def test_files_are_stored_compiled_and_without_a_date(pack: Path) -> None:
    for name in ("stdlib.zip", "tiny_dancer.zip"):
        with zipfile.ZipFile(pack / name) as packed:
            for one in packed.infolist():
                assert one.compress_type == zipfile.ZIP_STORED
                assert one.date_time == (1980, 1, 1, 0, 0, 0)
                assert not one.filename.endswith(".py")


def test_what_never_runs_in_pyodide_stays_out(pack: Path) -> None:
    with zipfile.ZipFile(pack / "tiny_dancer.zip") as packed:
        names = packed.namelist()
    assert "tiny_dancer/router.pyc" in names
    assert not [n for n in names if n.startswith(NEVER_IN_PYODIDE)]


@pytest.mark.parametrize("name", ["heap.bin", "stdlib.zip", "tiny_dancer.zip"])
def test_a_file_with_another_hash_is_not_laid_out(
    program: str, pack: Path, tmp_path: Path, name: str
) -> None:
    copy = tmp_path / "pack"
    copy.mkdir()
    for file in pack.iterdir():
        (copy / file.name).symlink_to(file)
    data = bytearray((pack / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).unlink()
    (copy / name).write_bytes(data)
    done = run_node(program, "worker/layout.mjs", tmp_path / "out", copy)
    assert done.returncode != 0
    assert f"{name}: not the file that the image was made with" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_library_holds_what_the_hosts_import(pack: Path) -> None:
    hosts = [*ROOT.glob("web/router/src/worker/*/*.py"), *ROOT.glob("worker/src/*.py")]
    assert len(hosts) > 5
    with zipfile.ZipFile(pack / "stdlib.zip") as packed:
        modules = {
            name.removesuffix(".pyc").removesuffix("/__init__") for name in packed.namelist()
        }
    for file in hosts:
        for name in library_imports(file):
            assert name.replace(".", "/") in modules, f"{file.name} imports {name}: pack/keep.txt"


def library_imports(file: Path) -> set[str]:
    """Files of the standard library that a file imports, as module names."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    built_in = {*sys.builtin_module_names, "array", "collections.abc"}  # the last is an alias
    return {n for n in found if n.split(".")[0] in sys.stdlib_module_names} - built_in
