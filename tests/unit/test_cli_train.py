"""`tiny-dancer train`: from a file of labels to a bundle that routes, and what it refuses."""

import csv
import json
import random
import subprocess
import sys
from importlib.util import find_spec

import pytest
from patience import WORK_S
from random_bundle import random_bundle

WORDS = "what is the of and to in for proof theorem capital".split()
NEEDS_JAX = pytest.mark.skipif(find_spec("jax") is None, reason="needs the extra train: jax")


@pytest.fixture
def run(tmp_path):
    (tmp_path / "start.safetensors").write_bytes(random_bundle(3, v=400, spread=0.3))
    (tmp_path / "prices.csv").write_text("model,price\nbig,9\nmini,1\n")
    draw = random.Random(0)
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", "big_score", "mini_score"])
        for i in range(240):
            prompt = " ".join([*draw.choices(WORDS, k=6), str(i)])
            rows.writerow([prompt, 1, int("theorem" not in prompt)])

    def call(*arguments, before=""):
        code = before + "from tiny_dancer.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=WORK_S,
        )

    return call


@NEEDS_JAX
def test_a_bundle_trains_routes_and_is_measured(run, tmp_path):
    options = ["--prices", "prices.csv", "--start", "start.safetensors"]
    settings = ["--epochs", "2", "--hidden", "16", "--seed", "3"]
    done = run("train", "labels.csv", "--out", "b.safetensors", *options, *settings)
    assert done.returncode == 0, done.stderr
    assert "cheapest first: mini, big" in done.stderr
    assert "epoch 2/2" in done.stderr
    assert "its policy keeps" in done.stdout
    plain = json.loads(run("route", "what is", "--json", "--bundle", "b.safetensors").stdout)
    assert plain["model"] in ("mini", "big")
    facts = json.loads(run("inspect", "b.safetensors", "--json").stdout)
    assert facts["config"]["models"] == ["mini", "big"]
    assert facts["provenance"]["recipe"]["seed"] == 3
    assert run("eval", "b.safetensors", "labels.csv").returncode == 0
    scored = run("score", "--in", "labels.csv", "--out", "s.jsonl", "--bundle", "b.safetensors")
    assert scored.returncode == 0, scored.stderr
    assert len((tmp_path / "s.jsonl").read_text().splitlines()) == 240


def test_without_the_extra_it_says_what_to_install(run):
    hidden = "import sys; sys.modules['jax'] = None\n"
    done = run("train", "labels.csv", "--out", "b.safetensors", before=hidden)
    assert done.returncode == 1
    assert "is not installed: pip install '.[train]' in a clone" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "wrong",
    [["--hidden", "20"], ["--vocabulary", "10"], ["--epochs", "0"], ["--seed", "-1"]],
    ids=lambda option: option[0],
)
def test_wrong_settings_are_wrong_usage(run, wrong):
    done = run("train", "labels.csv", "--out", "b.safetensors", *wrong)
    assert done.returncode == 2


def test_a_bad_file_is_one_line(run, tmp_path):
    (tmp_path / "bad.csv").write_text("prompt,a,b\nx,0,1\n,0,1\n")
    done = run("train", "bad.csv", "--out", "b.safetensors")
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "bad.csv: line 3, column prompt: it is empty; a text is needed" in said
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ("gpt 4,large", "column 'gpt 4': a model's name has 1 to 100 printable characters and no"),
        ("strong_score,weak_score", "column 'powerful': light is the name of the first alone"),
        ("mini,auto", "column 'auto': auto is the router's own choice"),
    ],
)
def test_names_that_no_bundle_may_have_are_refused_before_the_training(
    run, tmp_path, columns, says
):
    (tmp_path / "named.csv").write_text(f"prompt,{columns}\nhello,1,1\n")
    done = run("train", "named.csv", "--out", "b.safetensors", "--start", "start.safetensors")
    assert done.returncode == 1 and says in done.stderr, done.stderr


@NEEDS_JAX
def test_a_bundle_is_pruned_in_steps_and_calibrated_anew(run, tmp_path):
    done = run(
        "prune",
        "start.safetensors",
        "labels.csv",
        "--models",
        "mini,big",
        *["--share", "0.8", "--out", "p.safetensors"],
    )
    assert done.returncode == 0, done.stderr
    assert "80.0% of the weights are zero" in done.stderr and "its policy keeps" in done.stdout
    facts = json.loads(run("inspect", "p.safetensors", "--json").stdout)
    whole = json.loads(run("inspect", "start.safetensors", "--json").stdout)
    for part in facts["sparsity"].values():
        assert part["zeros"] >= round(0.8 * part["weights"])
    assert facts["provenance"]["pruned"]["from"] == whole["bundle"]["sha256"]
    assert facts["bundle"]["N"] == facts["provenance"]["held_out"] > 20
    plain = json.loads(run("route", "what is", "--json", "--bundle", "p.safetensors").stdout)
    assert plain["score"] is not None


def test_pruning_refuses_a_share_that_is_none_and_another_number_of_models(run, tmp_path):
    common = ["prune", "start.safetensors", "labels.csv", "--out", "p.safetensors"]
    assert run(*common, "--share", "1.2").returncode == 2
    (tmp_path / "labels.csv").write_text("prompt,a,b,c\nwhat is,1,1,1\n")
    done = run(*common)
    assert done.returncode == 1 and "the labels have 3 models" in done.stderr
    assert not (tmp_path / "p.safetensors").exists()
