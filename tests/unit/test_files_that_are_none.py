"""A FIFO, a device, a folder, sparse gigabytes: refused at once, wherever a file is named."""

import json
import os
import subprocess
import sys
import threading

import pytest
from patience import PATIENCE_S
from random_bundle import random_bundle

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.errors import BundleError
from tiny_dancer.files.input import open_file, read_text
from tiny_dancer.model import Model, read_bundle
from tiny_dancer.tables import TableError, open_table

KINDS = {"fifo": "FIFO", "zeros": "device", "folder": "directory", "sparse": "sparse"}
SPARSE = 8 << 30
SECONDS = PATIENCE_S
"""Much more than any of them takes. Without an end of its own a FIFO takes for ever."""

COMMANDS = {
    "route": ["route", "x", "--bundle", "{}"],
    "route candidates": ["route", "x", "--candidates", "{}"],
    "score": ["score", "--in", "in.csv", "--out", "out", "--bundle", "{}"],
    "inspect bundle": ["inspect", "{}"],
    "inspect policy": ["inspect", "{}.json"],
    "adapt bundle": ["adapt", "{}", "labels.csv", "--out", "out"],
    "adapt labels": ["adapt", "bundle", "{}", "--out", "out"],
    "eval bundle": ["eval", "{}", "labels.csv"],
    "eval labels": ["eval", "bundle", "{}"],
    "eval prices": ["eval", "bundle", "labels.csv", "--prices", "{}"],
    "train labels": ["train", "{}", "--out", "out", "--start", "bundle"],
    "train start": ["train", "labels.csv", "--out", "out", "--start", "{}"],
    "calibrate outcomes": ["calibrate", "{}", "--quality", "0.9", "--out", "out"],
    "calibrate bundle": ["calibrate", "labels.csv", "--risk", ".1", "--out", "o", "--bundle", "{}"],
    "serve": ["serve", "--config", "{}"],
    "serve json": ["serve", "--config", "{}.json"],
    "serve bundle": ["serve", "--config", "bundle-{}.toml"],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("files")
    for ending in ("", ".json"):
        os.mkfifo(path / f"fifo{ending}")
        (path / f"zeros{ending}").symlink_to("/dev/zero")
        (path / f"folder{ending}").mkdir()
        with (path / f"sparse{ending}").open("wb") as file:
            file.truncate(SPARSE)
    (path / "bundle").write_bytes(random_bundle(1, candidates=True))
    (path / "labels.csv").write_text("prompt,light,powerful\n" + "hello,1,1\nwhy,0,1\n" * 20)
    (path / "in.csv").write_text("prompt\nhello\n")
    for kind in KINDS:
        (path / f"bundle-{kind}.toml").write_text(
            f'anonymous = true\npolicy.bundle = "{path / kind}"\n'
            + "".join(
                f'[[upstreams]]\nname = "{n}"\nserves = "{n}"\nmodel = "{n}"\n'
                'base_url = "http://127.0.0.1:9/v1"\n'
                for n in ("light", "powerful")
            )
        )
    return path


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("command", list(COMMANDS))
def test_a_command_refuses_it_at_once(folder, command, kind):
    if command.split()[0] in ("train", "eval"):
        pytest.importorskip("matplotlib")
    words = [word.format(kind) for word in COMMANDS[command]]
    code = "from tiny_dancer.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, capture_output=True, timeout=SECONDS
    )
    text = done.stderr.decode()
    assert done.returncode == 1 and len(text.splitlines()) == 1, text
    assert kind in text and KINDS[kind] in text, text


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_library_refuses_it_at_once(folder, kind):
    path = folder / kind
    for read in (read_bundle, Model.load, Router().reload_model):
        with pytest.raises(BundleError, match=KINDS[kind]):
            read(path)
    with pytest.raises(InvalidInputError, match=KINDS[kind]):
        read_text(path)
    with pytest.raises((InvalidInputError, TableError)), open_table(path, ("prompt",)) as table:
        list(table)


def test_a_pipe_of_the_shell_is_read(tmp_path):
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        threading.Timer(0.05, lambda: (file.write(b"late"), file.close())).start()
        with open_file(f"/dev/fd/{reading}") as given:
            assert given.read() == b"late"
    os.close(reading)


def test_a_fifo_is_read_where_a_stream_is_meant(tmp_path):
    os.mkfifo(tmp_path / "in.jsonl")
    row = json.dumps({"prompt": "x"})
    threading.Timer(0.05, lambda: (tmp_path / "in.jsonl").write_text(row)).start()
    with open_table(tmp_path / "in.jsonl", ("prompt",), takes_fifo=True) as table:
        assert [one.text("prompt") for one in table] == ["x"]
