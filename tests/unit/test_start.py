"""What a start loads and checks: no more than it uses."""

import json
import random
import subprocess
import sys

import pytest
from random_bundle import random_config, random_tensors

from tiny_dancer import BundleError, Policy, Router
from tiny_dancer.hosts import package_data
from tiny_dancer.hosts.package_data import default_bundle, default_bundle_hash
from tiny_dancer.model import read_bundle, write_bundle

COMMAND = "from tiny_dancer.cli import main; main()"

NOT_FOR_A_DECISION = {
    *("asyncio", "concurrent.futures", "csv", "email", "gzip", "http", "multiprocessing"),
    *("selectors", "socket", "sqlite3", "ssl", "tempfile", "unittest"),
    *("jax", "matplotlib", "numpy", "pandas", "rich", "typer"),
    "tiny_dancer.adapt",
    "tiny_dancer.calibration.calibrate",
    "tiny_dancer.cli",
    "tiny_dancer.evaluate",
    "tiny_dancer.gateway",
    "tiny_dancer.history.records.outcome",
    "tiny_dancer.history.stores",
    "tiny_dancer.history.writer.thread",
    "tiny_dancer.model.write",
    "tiny_dancer.scoring.twin",
    "tiny_dancer.tables",
    "tiny_dancer.train",
}
NOT_FOR_AN_IMPORT = NOT_FOR_A_DECISION | {"ctypes", "datetime", "logging", "urllib", "wasmtime"}
NOT_FOR_ROUTE = NOT_FOR_A_DECISION - {
    *("tiny_dancer.cli", "rich", "typer"),  # what reads the arguments and prints
    *("tempfile", "unittest", "socket", "email", "http", "gzip", "csv", "selectors"),  # theirs
}


def loaded(code: str, *arguments: str) -> set[str]:
    """Modules that a new process has loaded at its end."""
    listing = f"import json, sys\ntry:\n    {code}\nfinally:\n    print(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", listing, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_an_import_loads_nothing_that_only_some_routers_need():
    assert loaded("import tiny_dancer") & NOT_FOR_AN_IMPORT == set()


def test_a_first_decision_loads_no_store_no_asyncio_and_no_command_line():
    code = "import tiny_dancer; tiny_dancer.Router().route('What is two?').to_dict()"
    modules = loaded(code)
    assert modules & NOT_FOR_A_DECISION == set()
    assert {"wasmtime", "tiny_dancer.hosts.cpython"} <= modules


@pytest.mark.parametrize("form", ["--json", "--no-json"])
def test_the_command_for_one_decision_loads_no_tables_and_no_asyncio(form):
    arguments = ["route", "What is two?", *(["--json"] if form == "--json" else [])]
    modules = loaded(COMMAND, *arguments)
    assert modules & NOT_FOR_ROUTE == set()
    assert form == "--no-json" or "rich.table" not in modules


def test_the_command_for_a_file_loads_no_asyncio_and_nothing_of_training(tmp_path):
    (tmp_path / "prompts.jsonl").write_text('{"prompt": "What is two?"}\n')
    files = ["--in", tmp_path / "prompts.jsonl", "--out", tmp_path / "scores.jsonl"]
    modules = loaded(COMMAND, "score", *map(str, files))
    assert modules & (NOT_FOR_ROUTE - {"tiny_dancer.tables"}) == set()


def test_the_hash_that_is_known_is_that_of_the_bundle_that_ships():
    bundle = read_bundle(default_bundle())  # every check
    assert default_bundle_hash() == bundle.bundle_hash, "run ./build.sh golden"


def test_a_changed_byte_of_the_bundle_that_ships_is_found(monkeypatch):
    shipped = bytearray(default_bundle())
    draw = random.Random(3)
    for _ in range(20):
        at, bit = draw.randrange(len(shipped)), 1 << draw.randrange(8)
        shipped[at] ^= bit
        monkeypatch.setattr(package_data, "_read", _reader(package_data._read, bytes(shipped)))
        with pytest.raises(BundleError):
            Router()
        monkeypatch.undo()
        shipped[at] ^= bit


@pytest.mark.parametrize("known", [None, "0" * 64])
def test_the_bundle_that_ships_is_checked_in_full_where_its_hash_is_not_known(monkeypatch, known):
    checks = []
    monkeypatch.setattr("tiny_dancer.service.default_bundle_hash", lambda: known)
    monkeypatch.setattr("tiny_dancer.model.read.check_values", lambda tensors: checks.append(1))
    assert Router().bundle is not None
    assert checks


def test_a_bundle_of_ones_own_is_checked_in_full(monkeypatch):
    tensors = random_tensors(1)
    shape, raw = tensors["vocab.flags"]
    tensors["vocab.flags"] = (shape, b"\xff" + raw[1:])
    with monkeypatch.context() as patch:  # a right hash over an element that no bundle may hold
        patch.setattr("tiny_dancer.model.write.read_model", lambda data: None)
        data = write_bundle(tensors, random_config(2), Policy(0.5), {})
    with pytest.raises(BundleError, match=r"vocab\.flags"):
        Router(model=data)


def _reader(read, shipped):
    return lambda name: shipped if name.endswith(".safetensors") else read(name)
