"""docs/training.md and docs/adapt.md: their commands run, their tables are those of the results."""

import csv
import json
import os
import random
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from patience import WORK_S

from tiny_dancer.hosts.package_data import default_bundle

DOCS = Path(__file__).parents[2] / "docs"
RESULTS = DOCS / "results"
WORDS = "what is the of and to in for proof theorem capital".split()
FILES = {"labels.csv": 240, "later.csv": 60, "few.csv": 60}


def commands(page):
    return re.findall(r"^```sh\n(.*?)^```\n", (DOCS / page).read_text("utf-8"), re.M | re.S)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "base.safetensors").write_bytes(default_bundle())
    for name, count in FILES.items():
        draw = random.Random(name)
        with (tmp_path / name).open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["prompt", "mini", "large"])
            for i in range(count):
                prompt = " ".join([*draw.choices(WORDS, k=6), str(i)])
                rows.writerow([prompt, int("theorem" not in prompt), 1])
    return tmp_path


def run(block, folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euc", block],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=WORK_S,
    )


@pytest.mark.skipif(find_spec("jax") is None, reason="needs the extra train: jax")
def test_the_commands_of_training_run(folder):
    block, smaller, required = commands("training.md")
    done = run(block, folder)
    assert done.returncode == 0, done.stderr
    assert {"mine.safetensors", "figures.json", "figures.svg"} <= set(os.listdir(folder))
    assert json.loads((folder / "figures.json").read_text())["labels"]["rows"] == 60
    done = run(smaller, folder)
    assert done.returncode == 0, done.stderr
    whole, small = (folder / f"{name}.safetensors" for name in ("mine", "small"))
    assert small.stat().st_size < whole.stat().st_size
    (folder / "prices.json").write_text('{"mini": 0.15, "large": 2.5}')
    done = run(required, folder)
    assert done.returncode == ('failures="0"' not in (folder / "eval.xml").read_text())
    assert (folder / "eval.md").is_file()


def test_the_command_of_adapt_runs(folder):
    (block,) = commands("adapt.md")
    done = run(block, folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "adapted.safetensors").is_file()


def test_the_table_of_four_models_is_that_of_the_results():
    pytest.importorskip("jax")
    from tiny_dancer.evaluate.four_models import redrawn

    facts = json.loads((RESULTS / "four-models.json").read_text())
    page = (DOCS / "training.md").read_text("utf-8")
    assert "gpt-4 alone" in page
    assert redrawn(page, facts) == page


def test_gemini_alone_keeps_nearly_everything_at_a_fifth_of_the_price_as_the_page_says():
    facts = json.loads((RESULTS / "four-models.json").read_text())
    alone, router = facts["frontier"]["singles"]["gemini"], facts["kept"]["0.98"]
    assert alone["quality_kept"] > max(0.98, router["quality_kept"])
    assert alone["saving"] == pytest.approx(0.8)
    assert router["saving"] - alone["saving"] < 0.1


def test_the_table_and_picture_of_adapt_are_those_of_the_results():
    pytest.importorskip("matplotlib")
    from tiny_dancer.evaluate.adaptation.document import picture, redrawn

    results = json.loads((RESULTS / "adapt.json").read_text())
    page = (DOCS / "adapt.md").read_text("utf-8")
    assert "TF-IDF + LR" in page
    assert redrawn(page, results) == page
    assert picture(results).startswith(b"<?xml")
