"""`tiny-dancer adapt`: what it prints, writes and refuses."""

import csv
import json
import random
import subprocess
import sys

import pytest
from patience import WORK_S
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
            timeout=WORK_S,
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


@pytest.mark.parametrize("marks", ["1,1", "0,0"])
def test_labels_that_tell_no_model_from_the_other_change_nothing(run, tmp_path, marks):
    rows = [f"what is the theorem of {i},{marks}" for i in range(60)]
    (tmp_path / "same.csv").write_text("\n".join(["prompt,weak_score,strong_score", *rows]))
    done = run("b.safetensors", "same.csv", "--out", "b4.safetensors")
    assert done.returncode == 1 and done.stdout == ""
    assert "do equally well on each of these 60 prompts" in " ".join(done.stderr.split())
    assert not (tmp_path / "b4.safetensors").exists()


def test_models_equally_good_on_the_whole_change_nothing(run, tmp_path):
    rows = [f"what is the {'theorem' if i % 2 else 'capital'} {i}" for i in range(60)]
    lines = [f"{text},{i % 2},{1 - i % 2}" for i, text in enumerate(rows)]
    (tmp_path / "even.csv").write_text("\n".join(["prompt,weak_score,strong_score", *lines]))
    done = run("b.safetensors", "even.csv", "--out", "b5.safetensors")
    assert done.returncode == 0, done.stderr
    assert "a ranking cannot be judged.\nThe old heads stay; nothing is written." in done.stdout
    assert not (tmp_path / "b5.safetensors").exists()


def test_a_bad_row_is_one_line_and_exit_code_1(run):
    done = run("b.safetensors", "labels.csv", "--out", "b2.safetensors")
    assert done.returncode == 1
    assert "labels.csv: line 2, column note: a number in [0, 1] is needed, got 'seen'" in " ".join(
        done.stderr.split()
    )
    assert done.stdout == ""


def test_labels_of_weight_0_do_not_count(run, tmp_path):
    with (tmp_path / "labels.csv").open(newline="") as file:
        rows = [row[:3] for row in csv.reader(file)]
    weighed = [[*rows[0], "weight"], *([*row, 1] for row in rows[1:])]
    misled = [[f"theorem {i} of the proof", 1, 0, 0] for i in range(200)]
    for name, content in (("plain.csv", weighed), ("misled.csv", [*weighed, *misled])):
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows(content)
    plain, misled = (
        json.loads(run("b.safetensors", name, "--out", f"{name}.b", "--json").stdout)
        for name in ("plain.csv", "misled.csv")
    )
    assert plain["kept"]
    assert misled == plain
    few = [row if i < 10 else [*row[:3], 0] for i, row in enumerate(weighed)]
    with (tmp_path / "few.csv").open("w", newline="") as file:
        csv.writer(file).writerows(few)
    done = run("b.safetensors", "few.csv", "--out", "few.b")
    assert "at least 20 different questions, got 9 of a weight above 0" in done.stderr


def test_columns_dearest_first_are_warned_about(run, tmp_path):
    text = (tmp_path / "labels.csv").read_text().replace("mini,large", "large,mini")
    (tmp_path / "turned.csv").write_text(text.replace(",seen", "").replace(",note", ""))
    swapped = [row.split(",") for row in (tmp_path / "turned.csv").read_text().splitlines()]
    (tmp_path / "turned.csv").write_text(
        "".join(f"{p},{b},{a}\n" if i else f"{p},{a},{b}\n" for i, (p, a, b) in enumerate(swapped))
    )
    done = run("b.safetensors", "turned.csv", "--out", "t.b")
    assert "warning: the cheapest model, large, answers better" in done.stderr
    assert "--models mini,large" in done.stderr
