"""Odd files of labels through every command that takes them: read rightly, or refused in a line."""

import json

import pytest
from random_bundle import random_bundle
from tables.commands import run
from tables.odd_file import Odd
from tables.odd_labels import FILES

from tiny_dancer import InvalidInputError
from tiny_dancer.adapt import read_labels

pytest.importorskip("numpy")  # train and eval

BUNDLE = random_bundle(1)
OLD = b"what was there"
each_file = pytest.mark.parametrize("odd", FILES, ids=lambda odd: odd.name)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.safetensors").write_bytes(BUNDLE)
    return tmp_path


def written(odd: Odd, folder, out: str):
    (folder / odd.name).write_bytes(odd.data)
    (folder / out).write_bytes(OLD)
    return folder / out


def is_refused(ended, odd: Odd, says: str) -> bool:
    """One line that names the file and says what it must; nothing on standard output."""
    lines = ended.err.strip().splitlines()
    assert ended.code == 1, ended
    assert lines[-1].startswith(f"tiny-dancer: {odd.name}: "), ended.err
    assert says in lines[-1], (says, ended.err)
    assert len(lines) == 1, ended.err
    assert ended.out == ""
    return True


def leaves_nothing_else(odd: Odd, folder, *others: str) -> None:
    assert {p.name for p in folder.iterdir()} == {odd.name, "b.safetensors", *others}


def test_there_are_at_least_eighty_files_of_different_names():
    assert len({odd.name for odd in FILES}) == len(FILES) >= 80


@each_file
def test_labels_are_read_rightly_or_refused_by_place(odd, folder):
    path = folder / odd.name
    path.write_bytes(odd.data)
    if odd.rows is not None:
        found = read_labels(path)
        assert found.models == odd.models
        assert tuple(zip(found.prompts, *zip(*found.quality, strict=True), strict=True)) == odd.rows
        return
    with pytest.raises(InvalidInputError) as caught:
        read_labels(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert odd.says in message
    assert len(message.splitlines()) == 1
    assert len(message.removeprefix(str(path))) < 400


@each_file
def test_score_reads_it_rightly_or_leaves_the_old_output(odd, folder):
    out = written(odd, folder, "out.jsonl")
    ended = run("score", "--in", odd.name, "--out", "out.jsonl", "--bundle", "b.safetensors")
    leaves_nothing_else(odd, folder, "out.jsonl")
    if odd.prompts is None:
        assert is_refused(ended, odd, odd.says)
        assert out.read_bytes() == OLD
        return
    found = tuple(json.loads(line)["prompt"] for line in out.read_text().splitlines())
    assert found == odd.prompts
    *named, counted = ended.err.strip().splitlines()
    assert f"{len(found):,} prompts in" in counted
    assert ended.code == (1 if named else 0)
    if ended.code:
        assert f"{odd.name}: " in named[0]
        assert odd.says in named[0]
    else:
        assert named == []


@each_file
def test_adapt_reads_it_rightly_or_leaves_the_old_bundle(odd, folder):
    out = written(odd, folder, "out.safetensors")
    ended = run("adapt", "b.safetensors", odd.name, "--out", "out.safetensors")
    if odd.name == "history.csv":  # it learns from histories too, and this one is broken
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.endswith("history.csv: the file is not a SQLite database\n")
    elif odd.rows is None:
        assert is_refused(ended, odd, odd.says)
    else:  # it was read, and the rows were counted
        assert f"at least 20 different questions, got {len(odd.rows)}" in ended.err
        assert ended.code == 1
    assert out.read_bytes() == OLD
    leaves_nothing_else(odd, folder, "out.safetensors")


@each_file
def test_eval_reads_it_rightly_or_leaves_the_old_figures(odd, folder):
    pytest.importorskip("matplotlib")
    out = written(odd, folder, "out.json")
    ended = run("eval", "b.safetensors", odd.name, "--json", "out.json")
    leaves_nothing_else(odd, folder, "out.json")
    if odd.rows is None:
        assert is_refused(ended, odd, odd.says)
        assert out.read_bytes() == OLD
        return
    assert ended.code == 0, ended.err
    assert json.loads(out.read_text())["labels"]["rows"] == len(odd.rows)


@each_file
def test_train_reads_it_rightly_or_leaves_the_old_bundle(odd, folder):
    if odd.rows is not None:
        pytest.importorskip("jax")
    out = written(odd, folder, "out.safetensors")
    ended = run("train", odd.name, "--out", "out.safetensors", "--start", "b.safetensors")
    if odd.rows is None:
        assert is_refused(ended, odd, odd.says)
    else:
        assert f"{len(odd.rows):,} prompts; cheapest first: {', '.join(odd.models)}" in ended.err
        assert "at least 200" in ended.err
        assert ended.code == 1
    assert out.read_bytes() == OLD
    leaves_nothing_else(odd, folder, "out.safetensors")
