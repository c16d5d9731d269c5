"""Four models on the same questions, from joined files to a picture."""

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jax")
pytest.importorskip("matplotlib")

from patience import WORK_S

from tiny_dancer.evaluate.four_models import PRICES, joined, write_csv

HEADER = ("prompt", "weak_score", "strong_score", "subject")


def test_questions_are_joined_by_stem_whatever_their_options(tmp_path):
    import gzip

    four = [("One?\nA. x\nB. y\nAnswer:", 0, 1, "s"), ("Two?\nA. x\nB. y\nAnswer:", 1, 1, "t")]
    ten = [("Three?\nA. x", 0, 0, "s"), (" one ?\nA. x\nB. y\nC. z\nAnswer:", 1, 0, "s")]
    for name, rows in (("mmlu", four), ("mmlu_pro_mmlu", ten)):
        with gzip.open(tmp_path / f"{name}.csv.gz", "wt", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
    assert joined(tmp_path) == [
        {
            "prompt": four[0][0],
            "llama-8b": 1,
            "mixtral": 0,
            "gemini": 0,
            "gpt-4": 1,
            "subject": "s",
        }
    ]


@pytest.mark.data
def test_four_models_train_route_and_plot(tmp_path):
    if not (folder := os.environ.get("TINY_DANCER_DATA")):
        pytest.skip("TINY_DANCER_DATA is not set")
    short = [row for row in joined(Path(folder)) if len(row["prompt"]) < 300]  # quick to compile
    rows = random.Random(0).sample(short, 400)
    write_csv(rows, tmp_path / "four.csv")
    (tmp_path / "prices.json").write_text(json.dumps(PRICES))

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-c", "from tiny_dancer.cli import main; main()", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=WORK_S,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    labels = ["four.csv", "--prices", "prices.json"]
    run("train", *labels, "--out", "b.safetensors", "--epochs", "2")
    found = json.loads(run("route", "Who wrote Hamlet?", "--json", "--bundle", "b.safetensors"))
    assert found["model"] in PRICES
    assert len(found["probabilities"]) == 4
    run("eval", "b.safetensors", *labels, "--json", "f.json", "--picture", "f.svg")
    facts = json.loads((tmp_path / "f.json").read_text())
    assert list(facts["models"]) == sorted(PRICES, key=PRICES.__getitem__)
    assert facts["kept"]["0.95"]["cost"] < PRICES["gpt-4"]
    assert "gemini" in (tmp_path / "f.svg").read_text()
