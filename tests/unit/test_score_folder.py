"""`score --engine local`: every row comes out, runs resume, and nothing is mixed."""

import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tiny_dancer import Router
from tiny_dancer.cli.app import app
from tiny_dancer.errors import InvalidInputError
from tiny_dancer.integrations.engines import RouteBatch
from tiny_dancer.integrations.engines import shard as shards
from tiny_dancer.integrations.engines.run import RECORD, open_run
from tiny_dancer.integrations.engines.shard import cut_shards, score_shard


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    rows = [{"id": n, "prompt": f"What is {n}?"} for n in range(300)]
    lines = [json.dumps(row) for row in rows]
    lines[7:7] = ["{bad", "", "[1]", '{"id": -1}', '{"prompt": "ä🙂"}']
    (source / "a.jsonl").write_text("\n".join(lines) + "\n")
    (source / "deep" / "b.jsonl.gz").write_bytes(gzip.compress("\r\n".join(lines[:50]).encode()))
    (source / "_SUCCESS.jsonl").write_text("left out")
    return source, tmp_path / "out"


def run(source: Path, target: Path, *options: str):
    arguments = ["score", "--engine", "local", "--in", str(source), "--out", str(target)]
    return CliRunner().invoke(app, [*arguments, *options])


def read(target: Path) -> list[dict]:
    paths = sorted(target.rglob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def test_every_row_comes_out_with_its_decision(folders):
    source, target = folders
    result = run(source, target)
    assert result.exit_code == 0, result.output
    rows = read(target)
    assert len(rows) == 304 + 49
    bad = [row for row in rows if row["td_error"]]
    assert [row["td_model"] for row in bad] == [""] * 6
    text = (source / "a.jsonl").read_text()
    assert [row["td_error"].split(":")[0] for row in bad[:3]] == [
        f"a.jsonl, byte {text.index('{bad')}",
        f"a.jsonl, byte {text.index('[1]')}",
        "prompt",
    ]
    for row in rows[:3]:
        assert row["td_score"] == Router().route(row["prompt"]).score
    assert "6 with td_error" in result.output


def test_shards_of_any_length_hold_every_line_once(folders, monkeypatch):
    source, target = folders
    path, route = source / "a.jsonl", RouteBatch()
    found = set()
    for length in (17, 64, 1000, 1 << 20):
        monkeypatch.setattr(shards, "SHARD_BYTES", length)
        cut = cut_shards(path, target)
        for shard in cut:
            score_shard(shard, route)
        rows = read(target)
        found.add(json.dumps([r for r in rows], sort_keys=True))
        for shard in cut:
            shard.target.unlink()
    assert len(found) == 1


def test_what_is_done_is_not_read_again(folders, monkeypatch):
    source, target = folders
    monkeypatch.setattr(shards, "SHARD_BYTES", 4096)
    run(source, target)
    first = {path: path.stat().st_mtime_ns for path in target.rglob("*.jsonl")}
    gone = target / "a.jsonl.00000.jsonl"
    whole = gone.read_bytes()
    gone.unlink()
    result = run(source, target)
    assert f"{len(first) - 1} of {len(first)} shards were done; 1 are left" in result.output
    assert gone.read_bytes() == whole
    assert all(path.stat().st_mtime_ns == at for path, at in first.items() if path != gone)
    assert len(first) > 2
    assert "0 are left" in run(source, target).output


def test_new_files_are_done_and_changed_ones_refused(folders):
    source, target = folders
    run(source, target)
    (source / "c.jsonl").write_text('{"prompt": "hi"}\n')
    assert "2 of 3 shards were done" in run(source, target).output
    (source / "a.jsonl").write_text('{"prompt": "hi"}\n')
    result = run(source, target)
    assert result.exit_code == 1
    assert "changed since its rows went to" in str(result.exception or result.output)


def test_another_policy_or_column_is_refused(folders):
    source, target = folders
    run(source, target)
    for route in (RouteBatch(policy=_policy()), RouteBatch(prompt="id")):
        with pytest.raises(InvalidInputError, match="name an empty folder"):
            open_run(source, target, route)


def _policy():
    from tiny_dancer.policy import Policy

    return Policy(-2.0)


@pytest.mark.parametrize("place", ["in", "in/inner"])
def test_output_among_the_input_is_refused(folders, place):
    source, _ = folders
    with pytest.raises(InvalidInputError, match="lies in the folder to read"):
        open_run(source, source.parent / place, RouteBatch())


def test_folders_that_cannot_be_used_are_named(folders, tmp_path):
    source, target = folders
    with pytest.raises(InvalidInputError, match=r"a folder of \.parquet or \.jsonl files"):
        open_run(source / "a.jsonl", target, RouteBatch())
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInputError, match=r"no \.parquet, \.jsonl or \.jsonl\.gz"):
        open_run(tmp_path / "empty", target, RouteBatch())
    target.mkdir(exist_ok=True)
    (target / "mine.txt").write_text("")
    with pytest.raises(InvalidInputError, match="not empty, and of no earlier run"):
        open_run(source, target, RouteBatch())
    for damage in ("[]", "[" * 100_000):
        (target / RECORD).write_text(damage)
        with pytest.raises(InvalidInputError, match="damaged"):
            open_run(source, target, RouteBatch())


def test_a_shard_that_fails_is_named_and_leaves_no_file(folders):
    source, target = folders
    (source / "deep" / "b.jsonl.gz").write_bytes(b"\x1f\x8b damaged")
    result = run(source, target)
    assert result.exit_code == 1
    assert "b.jsonl.gz.00000.jsonl:" in result.output
    assert len(read(target)) == 304
    assert not list(target.rglob(".*"))


@pytest.mark.parametrize("damage", ["cut", "changed", "no gzip"])
def test_damaged_gzip_fails_its_shard_by_the_files_name_and_no_other(folders, damage):
    source, target = folders
    file = source / "a.jsonl.gz"  # before the others
    lines = b"".join(
        b'{"prompt": "%s"}\n' % hashlib.sha256(b"%d" % n).digest().hex().encode()
        for n in range(200)
    )
    packed = bytearray(gzip.compress(lines))
    if damage == "changed":
        packed[200:260] = bytes(60)
    file.write_bytes({"cut": packed[:-20], "changed": packed, "no gzip": lines}[damage])
    result = run(source, target)
    assert result.exit_code == 1 and f"{file}: " in result.output.replace("\n", "")
    assert len(read(target)) == 304 + 49


def test_a_folder_named_as_a_file_is_looked_into(folders):
    source, target = folders
    (source / "spark.jsonl").mkdir()
    (source / "spark.jsonl" / "part-0.jsonl").write_text('{"prompt": "hi"}')
    assert run(source, target).exit_code == 0
    assert len(read(target / "spark.jsonl")) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text('{"prompt": "hi"}\n' * 2, "utf-8-sig")
    assert run(tmp_path / "in", tmp_path / "out").exit_code == 0
    assert [row["td_error"] for row in read(tmp_path / "out")] == [None, None]


def test_a_run_over_a_name_that_is_no_utf8_resumes(tmp_path):
    (tmp_path / "in").mkdir()
    name = os.fsencode(tmp_path / "in") + b"/\xff.jsonl"
    with open(name, "wb") as file:
        file.write(b'{"prompt": "hi"}\n')
    assert run(tmp_path / "in", tmp_path / "out").exit_code == 0
    again = run(tmp_path / "in", tmp_path / "out")
    assert again.exit_code == 0 and "0 are left" in again.output
    assert len(read(tmp_path / "out")) == 1
