"""`tiny-dancer eval`: its table, its JSON, its picture, what it refuses."""

import csv
import json
import random
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from patience import WORK_S
from random_bundle import random_bundle

pytest.importorskip("numpy")
pytest.importorskip("matplotlib")

MODELS = ("light", "middle-1", "powerful")


@pytest.fixture
def run(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(random_bundle(3, m=3))
    (tmp_path / "prices.json").write_text(json.dumps({"light": 1, "middle-1": 2, "powerful": 8}))
    draw = random.Random(0)
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", *MODELS])
        for i in range(80):
            rows.writerow([f"what is {i}?", *(int(draw.random() < p) for p in (0.4, 0.6, 0.8))])

    def call(*arguments):
        return subprocess.run(
            [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "eval", *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=WORK_S,
        )

    return call


def test_the_figures_are_json(run, tmp_path):
    done = run("b.safetensors", "labels.csv", "--prices", "prices.json", "--json", "f.json")
    assert done.returncode == 0, done.stderr
    facts = json.loads((tmp_path / "f.json").read_text())
    assert set(facts["routing"]) == {"apgr", "cpt50", "cpt80", "light90", "light95", "light98"}
    assert list(facts["models"]) == list(MODELS)
    for name, row in facts["models"].items():
        assert sum(b["count"] for b in row["reliability"]) == 80
        assert 0 <= row["ece"] <= 1, name
    for kept, row in facts["kept"].items():
        assert row["quality_kept"] >= float(kept) - 1e-9
        assert row["cost"] == pytest.approx(
            sum(facts["prices"][name] * share for name, share in row["share"].items())
        )
        assert row["saving"] == pytest.approx(1 - row["cost"] / 8)
    alone = facts["frontier"]["singles"]["middle-1"]
    assert alone["saving"] == 0.75
    assert alone["quality_kept"] == pytest.approx(
        facts["models"]["middle-1"]["mean_quality"] / facts["models"]["powerful"]["mean_quality"]
    )
    for word in ("APGR", "CPT50", "ECE", "AUC", "middle-1"):
        assert word in done.stdout


def test_a_dash_prints_the_json(run):
    facts = json.loads(run("b.safetensors", "labels.csv", "--json", "-").stdout)
    assert facts["prices"] == {"light": 0, "middle-1": 0.5, "powerful": 1}
    assert facts["prices_from"].startswith("no price table")


def test_the_picture_is_the_same_svg_each_time(run, tmp_path):
    for name in ("a.svg", "b.svg"):
        assert run("b.safetensors", "labels.csv", "--picture", name).returncode == 0
    drawn = (tmp_path / "a.svg").read_bytes()
    assert drawn == (tmp_path / "b.svg").read_bytes()
    words = {e.text for e in ElementTree.fromstring(drawn).iter() if e.tag.endswith("}text")}
    assert {"router", "oracle", *MODELS} <= words


def test_other_models_are_refused(run, tmp_path):
    (tmp_path / "two.csv").write_text("prompt,a,b\nx,0,1\n")
    done = run("b.safetensors", "two.csv")
    assert done.returncode == 1
    assert "the labels have 2 models (a, b), the bundle 3" in " ".join(done.stderr.split())
