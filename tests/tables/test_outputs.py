"""Where the commands write: what was there survives every failure, and each is said in one line."""

import csv
import os
import random
import resource
import signal
import stat
import subprocess
import sys
from dataclasses import replace

import pytest
from patience import WORK_S
from random_bundle import random_bundle

from tiny_dancer.files.output import replace_file, write_file
from tiny_dancer.model import read_bundle
from tiny_dancer.model.model import Model

OLD = b"what was there"
WORDS = "what is the of and to in for proof theorem capital".split()
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(random_bundle(3, v=400))
    draw = random.Random(0)
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", "mini", "large"])
        for i in range(60):
            prompt = " ".join([*draw.choices(WORDS, k=6), str(i)])
            rows.writerow([prompt, int("theorem" not in prompt), 1])
    (tmp_path / "old").write_bytes(OLD)
    return tmp_path


def run(folder, *arguments, size=None, environment=None, **streams):
    """The command in a process of its own; no file it writes may grow beyond `size` bytes."""

    def limit() -> None:
        if size is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run(
        [sys.executable, "-c", "from tiny_dancer.cli import main; main()", *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        preexec_fn=limit,
        timeout=WORK_S,
        **streams,
    )


def said(done) -> str:
    """The one line on standard error."""
    lines = done.stderr.decode().strip().splitlines()
    assert done.returncode == 1, done
    assert len(lines) == 1, lines
    return lines[0]


ADAPT = ("adapt", "b.safetensors", "labels.csv", "--out")
SCORE = ("score", "--bundle", "b.safetensors", "--in", "labels.csv", "--out")
EVAL = ("eval", "b.safetensors", "labels.csv", "--json")


@pytest.mark.parametrize("command", [ADAPT, SCORE, EVAL], ids=lambda c: c[0])
def test_a_full_disk_leaves_what_was_there(folder, command):
    done = run(folder, *command, "old", size=1_000)
    lines = done.stderr.decode().strip().splitlines()
    assert done.returncode == 1
    assert lines[-1] == "tiny-dancer: old: File too large"
    assert "Traceback" not in done.stderr.decode()
    assert (folder / "old").read_bytes() == OLD
    assert not list(folder.glob(".*.part"))


@LINUX
@pytest.mark.parametrize("command", [SCORE, ADAPT], ids=lambda c: c[0])
def test_a_full_device_is_said(folder, command):
    done = run(folder, *command, "/dev/full")
    assert done.returncode == 1
    last = done.stderr.decode().strip().splitlines()[-1]
    assert last == "tiny-dancer: /dev/full: No space left on device"


@LINUX
@pytest.mark.parametrize(
    "command",
    [("route", "x", "--json"), ("route", "x"), ("inspect",), ("inspect", "--json"), (*EVAL, "-")],
    ids=" ".join,
)
def test_full_standard_output_is_said_in_one_line(folder, command):
    with open("/dev/full", "wb") as full:
        done = run(folder, *command, stdout=full)
    assert said(done) == "tiny-dancer: standard output: No space left on device"


@pytest.mark.parametrize(
    "command", [("route", "x", "--json"), ("route", "x"), ("inspect",), (*EVAL, "-")], ids=" ".join
)
def test_a_closed_pipe_ends_the_command_without_a_traceback(folder, command):
    reading, writing = os.pipe()
    os.close(reading)
    done = run(folder, *command, stdout=writing)
    os.close(writing)
    assert done.returncode == 1
    assert len(done.stderr.decode().strip().splitlines()) <= 1
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@pytest.mark.parametrize(
    "command", [ADAPT, SCORE, EVAL, ("train", "labels.csv", "--out")], ids=lambda c: c[0]
)
def test_where_it_cannot_be_written_is_said_before_anything_is_read(folder, command):
    (folder / "labels.csv").write_text("no labels")
    assert "there is no folder" in said(run(folder, *command, "missing/out"))
    assert "this is a folder; name a file in it" in said(run(folder, *command, "."))


@pytest.mark.parametrize(
    "command", [ADAPT, SCORE, EVAL, ("train", "labels.csv", "--out")], ids=lambda c: c[0]
)
@pytest.mark.parametrize("link", [None, "symlink_to", "hardlink_to"])
def test_the_file_to_read_is_never_written(folder, command, link):
    before = (folder / "labels.csv").read_bytes()
    name = "labels.csv"
    if link:
        name = "other"
        getattr(folder / name, link)(folder / "labels.csv")
    assert "this is a file to read; name another one to write" in said(run(folder, *command, name))
    assert (folder / "labels.csv").read_bytes() == before


def test_eval_does_not_write_figures_and_picture_to_one_file(folder):
    done = run(folder, *EVAL, "f", "--picture", "./f")
    assert "both --json and --picture go there" in said(done)
    assert not (folder / "f").exists()


def test_a_bundle_can_be_adapted_in_its_place(folder):
    before = (folder / "b.safetensors").read_bytes()
    done = run(folder, *ADAPT, "b.safetensors")
    assert done.returncode == 0, done.stderr
    assert (folder / "b.safetensors").read_bytes() != before
    assert read_bundle(folder / "b.safetensors").provenance["adapted"]["labels"] == 60


def test_a_link_stays_a_link_and_a_mode_the_same(tmp_path):
    (tmp_path / "real").write_bytes(OLD)
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640


def test_a_pipe_is_written_to_as_it_stands(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_file(tmp_path / "pipe", b"new")
    assert os.read(reading, 9) == b"new"
    os.close(reading)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_failure_inside_leaves_what_was_there(tmp_path):
    (tmp_path / "f").write_bytes(OLD)
    with pytest.raises(KeyError), replace_file(tmp_path / "f") as file:
        file.write(b"half")
        raise KeyError
    assert [p.name for p in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_bytes() == OLD


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_are_shown_on_any_terminal(folder, encoding):
    models = ("größe-小", "powerful")
    model = Model.load(folder / "b.safetensors")
    model.bundle = replace(model.bundle, config=replace(model.bundle.config, models=models))
    model.save(folder / "c.safetensors")
    environment = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C"}
    for command in (("route", "x", "--bundle"), ("inspect",)):
        done = run(folder, *command, "c.safetensors", environment=environment)
        assert done.returncode == 0, done.stderr
    labels = (folder / "labels.csv").read_text().replace("mini,large", "größe-小,powerful")
    (folder / "größe.csv").write_text(labels, encoding="utf-8")
    done = run(folder, "eval", "c.safetensors", "größe.csv", environment=environment)
    assert done.returncode == 0, done.stderr
    assert b"powerful" in done.stdout
    bad = run(folder, "eval", "c.safetensors", "keine-größe.csv", environment=environment)
    assert "No such file" in said(bad)


@pytest.mark.parametrize("name", ["[bold]a[/bold]", "[/]", "a[link=x]", ":smile:", "[red]"])
def test_brackets_in_names_are_shown_as_they_stand(folder, name):
    text = (folder / "labels.csv").read_text()
    (folder / "named.csv").write_text(text.replace("mini,large", f"{name},{name}!"))
    model = Model.load(folder / "b.safetensors")
    config = replace(model.bundle.config, models=(name, f"{name}!"))
    model.bundle = replace(model.bundle, config=config)
    model.save(folder / "c.safetensors")
    for command in (
        ("eval", "c.safetensors", "named.csv"),
        ("inspect", "c.safetensors"),
        ("route", "x", "--bundle", "c.safetensors"),
    ):
        done = run(folder, *command)
        assert done.returncode == 0, done.stderr
        assert name in done.stdout.decode()
    (folder / "bad.csv").write_text(f"prompt,{name},large\na,x,1\n")
    assert f"column {name}: a number" in said(run(folder, *ADAPT[:2], "bad.csv", "--out", "o"))


@pytest.mark.parametrize(
    "name",
    ["[red]a[bold].csv", "two\nlines.csv", b"\xff.csv", "tab\t.csv", "-.csv", "ü.csv"],
    ids=repr,
)
def test_any_name_of_a_file_is_taken_and_shown_on_one_line(folder, name):
    path = os.fsencode(folder) + b"/" + os.fsencode(name)
    with open(path, "wb") as file:
        file.write((folder / "labels.csv").read_bytes())
    done = run(folder, "score", "--bundle", "b.safetensors", "--in", name, "--out", "out.jsonl")
    assert done.returncode == 0, done.stderr
    with open(path, "wb") as file:
        file.write(b"prompt,mini,large\na,x,1\n")
    if isinstance(name, str):
        name = f"./{name}"  # "-.csv" alone is an option
    assert "line 2, column mini: " in said(run(folder, *ADAPT[:2], name, "--out", "o"))
