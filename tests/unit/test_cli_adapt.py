"""`tiny-dancer adapt`: what it prints, writes and refuses."""

import csv
import json
import random
import subprocess
import sys

import pytest
from random_bundle import random_bundle

from tiny_dancer import Router

WORDS = "what is the of and to in for proof theorem capital".split()


@pytest.fixture
def run(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(random_bundle(3, v=400))
    draw = random.Random(0)
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", "mini", "large", "note"])
        for i in range(60):
            prompt = " ".join([*draw.choices(WORDS, k=6), str(i)])
            rows.writerow([prompt, int("theorem" not in prompt), 1, "seen"])

    def call(*arguments):
        return subprocess.run(
            [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "adapt", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
        )

    return call


def test_new_heads_that_win_are_written(run, tmp_path):
    command = ["b.safetensors", "labels.csv", "--models", "mini,large", "--out", "b2.safetensors"]
    done = run(*command, "--json")
    assert done.returncode == 0, done.stderr
    plain = json.loads(done.stdout)
    assert plain["kept"]
    assert plain["new"]["log_loss"] < plain["old"]["log_loss"]
    assert (tmp_path / "b2.safetensors").stat().st_size > 10_000


def test_old_heads_that_win_stay(run, tmp_path):
    router, draw = Router(model=tmp_path / "b.safetensors"), random.Random(2)
    with (tmp_path / "same.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", "weak_score", "strong_score"])
        for i in range(60):
            prompt = " ".join([*draw.choices(WORDS, k=6), str(i)])
            found = router.route(prompt).probabilities
            rows.writerow([prompt, *(int(draw.random() < p) for p in found)])
    done = run("b.safetensors", "same.csv", "--out", "b3.safetensors")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("The old heads stay; nothing is written.\n")
    assert not (tmp_path / "b3.safetensors").exists()


def test_a_bad_row_is_one_line_and_exit_code_1(run):
    done = run("b.safetensors", "labels.csv", "--out", "b2.safetensors")
    assert done.returncode == 1
    assert "labels.csv: line 2, column note: a number in [0, 1] is needed, got 'seen'" in " ".join(
        done.stderr.split()
    )
    assert done.stdout == ""
