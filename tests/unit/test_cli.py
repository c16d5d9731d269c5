"""The commands: what they print and how they end."""

import csv
import gzip
import json
import os
import re
import signal
import subprocess
import sys
from importlib.resources import files

import pytest
from patience import PATIENCE_S
from random_bundle import random_bundle

from tiny_dancer import Policy, Router
from tiny_dancer.response import FIELDS

BUNDLE = random_bundle(1)
LEFT_OUT = files("tiny_dancer") / "data" / "default.left_out.json"


@pytest.fixture
def run(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(BUNDLE)

    def call(*arguments, stdin=b""):
        return subprocess.run(
            [sys.executable, "-c", "from tiny_dancer.cli import main; main()", *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=PATIENCE_S,
        )

    return call


def test_route_prints_one_json_object(run):
    done = run("route", "what is the city", "--json", "--bundle", "b.safetensors")
    assert done.returncode == 0
    plain = json.loads(done.stdout)
    assert tuple(plain) == FIELDS
    assert plain["score"] == Router(model=BUNDLE).route("what is the city").score


def test_route_prints_a_table_for_people(run):
    done = run("route", "what is the city", "--bundle", "b.safetensors")
    text = done.stdout.decode()
    assert done.returncode == 0
    for word in ("model", "reason", "confidence", "uncertainty", "score"):
        assert word in text


def test_a_dash_reads_standard_input_whatever_its_bytes(run):
    done = run("route", "-", "--json", "--bundle", "b.safetensors", stdin=b"what \xff is\xe2\x82")
    assert done.returncode == 0
    assert json.loads(done.stdout)["score"] == Router(model=BUNDLE).route("what  is").score


def test_a_bad_bundle_is_one_line_and_exit_code_1(run, tmp_path):
    (tmp_path / "bad.safetensors").write_bytes(BUNDLE[:-1])
    done = run("route", "x", "--bundle", "bad.safetensors")
    assert done.returncode == 1
    assert len(done.stderr.decode().strip().splitlines()) == 1
    assert done.stdout == b""


def test_wrong_usage_is_exit_code_2(run):
    assert run("route").returncode == 2
    assert run("nonsense").returncode == 2


def test_inspect_tells_what_is_inside_a_bundle(run):
    plain = json.loads(run("inspect", "b.safetensors", "--json").stdout)
    assert plain["bundle"]["sha256"] == Router(model=BUNDLE).bundle.bundle_hash
    assert plain["bundle"]["bytes"] == len(BUNDLE)
    assert plain["config"]["models"] == ["light", "powerful"]
    text = run("inspect", "b.safetensors").stdout.decode()
    assert plain["bundle"]["sha256"] in text


def test_inspect_says_what_the_default_policy_keeps_and_where_it_was_not_trained(run):
    found = json.loads(LEFT_OUT.read_text("utf-8"))
    shipped = json.loads(run("inspect", "--json").stdout)
    assert found["bundle"] == shipped["bundle"]["sha256"]
    low, high = found["kept"]
    note = shipped["policy"]["note"]
    assert note == (
        "95% on prompts like those it was trained on; "
        f"{low:.0%} to {high:.0%} on sources left out; calibrate on your own"
    )
    own = json.loads(run("inspect", "b.safetensors", "--json").stdout)["policy"]
    assert "left out" not in own.get("note", "")


def test_inspect_tells_what_a_policy_is(run, tmp_path):
    (tmp_path / "p.json").write_text(Policy(0.5).to_json())
    plain = json.loads(run("inspect", "p.json", "--json").stdout)
    assert plain["policy"]["threshold"] == 0.5
    (tmp_path / "q.json").write_text("{}")
    assert run("inspect", "q.json").returncode == 1
    assert run("inspect", "missing.json").returncode == 1


def test_score_keeps_the_order_and_names_bad_lines(run, tmp_path):
    prompts = ["what is the city", "proof", "", "a \ud800 b"]
    lines = [json.dumps({"prompt": p, "id": i}) for i, p in enumerate(prompts)]
    lines[1:1] = ["{", '{"prompt": 7}', ""]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    done = run("score", "--in", "in.jsonl", "--out", "out.jsonl.gz", "--bundle", "b.safetensors")
    assert done.returncode == 1
    text = done.stderr.decode().replace("\n", " ")
    assert "in.jsonl: line 2, column 2: this is no JSON" in text
    assert "in.jsonl: line 3, column prompt: a text is needed, got 7" in text
    assert "4 prompts in" in text
    with gzip.open(tmp_path / "out.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    assert [row["prompt"] for row in rows] == prompts
    router = Router(model=BUNDLE)
    for row in rows:
        expected = router.route(row["prompt"])
        assert row["score"] == expected.score
        assert row["probabilities"] == list(expected.probabilities)
        assert row["use_lightweight"] == expected.use_lightweight
        assert set(row) == {"prompt", "score", "probabilities", "use_lightweight"}


def test_score_reads_csv_with_line_breaks_in_prompts(run, tmp_path):
    with gzip.open(tmp_path / "in.csv.gz", "wt", newline="") as file:
        csv.writer(file).writerows([["id", "prompt"], ["1", "what\nis, the"], ["2", "city"]])
    done = run("score", "--in", "in.csv.gz", "--out", "out.jsonl", "--bundle", "b.safetensors")
    assert done.returncode == 0
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["prompt"] for row in rows] == ["what\nis, the", "city"]


def test_score_names_ten_bad_lines_and_counts_all(run, tmp_path):
    (tmp_path / "in.jsonl").write_text("[]\n" * 14 + '"a text alone is a prompt"\n')
    done = run("score", "--in", "in.jsonl", "--out", "out.jsonl", "--bundle", "b.safetensors")
    text = done.stderr.decode()
    assert done.returncode == 1
    assert text.count("in.jsonl: line ") == 10
    assert "1 prompts in" in text
    assert "14 bad" in text
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1


def test_score_keeps_what_it_did_when_interrupted(run, tmp_path):
    os.mkfifo(tmp_path / "in.jsonl")
    # Children of a shell's background job ignore SIGINT unless they are told otherwise.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = heed + "from tiny_dancer.cli import main; main()"
    names = ["score", "--in", "in.jsonl", "--out", "out.jsonl", "--bundle", "b.safetensors"]
    with (
        subprocess.Popen(
            [sys.executable, "-c", command, *names],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
        ) as process,
        (tmp_path / "in.jsonl").open("w") as file,
    ):
        # More than a pipe holds, so the first lines are done when this returns.
        file.writelines(f'{{"prompt": "what is {i}"}}\n' for i in range(20_000))
        file.flush()
        process.send_signal(signal.SIGINT)
        text = process.stderr.read().decode()
    assert process.returncode == 130
    done = int(re.search(r"interrupted: ([\d,]+) prompts", text)[1].replace(",", ""))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["prompt"] for row in rows] == [f"what is {i}" for i in range(len(rows))]
    assert 0 < done <= len(rows) <= done + 1


def test_score_does_not_write_over_what_it_reads(run, tmp_path):
    (tmp_path / "in.jsonl").write_text('"a"\n')
    done = run("score", "--in", "in.jsonl", "--out", "./in.jsonl", "--bundle", "b.safetensors")
    assert done.returncode == 1
    assert (tmp_path / "in.jsonl").read_text() == '"a"\n'


@pytest.mark.parametrize("name", ["none.jsonl", "bad.csv"])
def test_score_says_what_it_cannot_read(run, tmp_path, name):
    (tmp_path / "bad.csv").write_text("id,text\n1,x\n")
    done = run("score", "--in", name, "--out", "out.jsonl", "--bundle", "b.safetensors")
    assert done.returncode == 1
    assert name in done.stderr.decode()


def test_route_ranks_candidates_of_a_file(run, tmp_path):
    (tmp_path / "c.safetensors").write_bytes(random_bundle(1, candidates=True))
    rows = [
        {"id": name, "text": name, "created_at": 0, "success_rate": 0.5}
        for name in ("what", "city", "proof")
    ]
    (tmp_path / "c.json").write_text(json.dumps(rows))
    asked = ("route", "the city", "--json", "--bundle", "c.safetensors", "--candidates")
    plain = json.loads(run(*asked, "c.json", "--top-k", "2").stdout)
    assert len(plain["decisions"]) == 2
    (tmp_path / "d.json").write_text(json.dumps([*rows, {"id": "x"}]))
    wrong = run(*asked, "d.json")
    assert wrong.returncode == 1
    assert "candidate 3" in wrong.stderr.decode()
