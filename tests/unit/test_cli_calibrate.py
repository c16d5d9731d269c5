"""`tiny-dancer calibrate`: what it prints, writes and refuses."""

import asyncio
import csv
import json
import random
import subprocess
import sys

import pytest
from patience import WORK_S
from random_bundle import random_bundle

from tiny_dancer import Policy, Router
from tiny_dancer.config import HistoryConfig, RouterConfig
from tiny_dancer.history import SQLiteStore
from tiny_dancer.history.readings.export import export_lines

WORDS = "what is the of and to in for proof theorem capital".split()


@pytest.fixture
def run(tmp_path):
    (tmp_path / "b.safetensors").write_bytes(random_bundle(3, v=400))
    draw = random.Random(0)
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", "weak_score", "strong_score"])
        for i in range(400):
            prompt = " ".join([*draw.choices(WORDS, k=6), str(i)])
            rows.writerow([prompt, int(draw.random() < 0.97), 1])

    def call(*arguments):
        command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "calibrate"]
        return subprocess.run(
            [*command, *arguments, "--bundle", "b.safetensors", "--out", "policy.json"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=WORK_S,
        )

    return call


def test_labels_become_a_policy_that_a_router_takes(run, tmp_path):
    done = run("labels.csv", "--quality", "0.9")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("quality_kept 0.9 holds with 95% confidence, by 400 outcomes")
    policy = Policy.from_json((tmp_path / "policy.json").read_text())
    router = Router(model=tmp_path / "b.safetensors", policy=policy)
    assert policy.bundle_hash == router.bundle.bundle_hash
    assert router.route("what is the proof").policy_id == policy.id


def test_labels_cannot_be_asked_who_marked_them(run, tmp_path):
    done = run("labels.csv", "--quality", "0.9", "--by-people")
    assert done.returncode == 2 and "--by-people goes with a history" in done.stderr
    assert not (tmp_path / "policy.json").exists()


@pytest.mark.parametrize(
    ("options", "measure"),
    [
        (["--risk", "0.1"], "missed_failures"),
        (["--risk", "0.1", "--rate", "joint", "--bound", "clopper-pearson"], "joint"),
        (["--risk", "0.1", "--rate", "regret", "--bound", "conformal risk control"], "regret"),
        (["--budget", "8", "--prices", "prices.json"], "cost"),
    ],
)
def test_every_kind_of_target_is_certified(run, tmp_path, options, measure):
    (tmp_path / "prices.json").write_text('{"light": 0.001, "powerful": 0.01}')
    with (tmp_path / "labels.csv").open("a", newline="") as file:
        csv.writer(file).writerows([f"proof number {i}", 0, 1] for i in range(200))
    done = run("labels.csv", "--json", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["certificate"]["rate"] == measure


def test_too_few_outcomes_are_exit_code_one_and_the_number_missing(run, tmp_path):
    lines = (tmp_path / "labels.csv").read_text().splitlines()[:31]
    (tmp_path / "few.csv").write_text("\n".join(lines))
    done = run("few.csv", "--risk", "0.02", "--rate", "joint")
    assert done.returncode == 1
    assert done.stderr.startswith("tiny-dancer: joint 0.02: ")
    assert "further outcomes" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "policy.json").exists()


def test_a_history_is_taken_as_a_file_and_as_an_export(run, tmp_path):
    config = RouterConfig(history=HistoryConfig(flush_s=3_600))
    store = SQLiteStore(tmp_path / "h.sqlite")
    draw = random.Random(1)
    with Router(config, model=tmp_path / "b.safetensors", store=store) as router:
        for i in range(300):
            decision = router.route(f"question {i}")
            light = float(draw.random() < 0.97)
            router.record_outcome(decision.decision_id, light_score=light, powerful_score=1.0)
        asyncio.run(router.flush())

        async def export():
            return [line async for line in export_lines(store)]

        (tmp_path / "h.jsonl").write_text("".join(asyncio.run(export())))
    made = []
    for history in ("h.sqlite", "h.jsonl"):
        done = run(history, "--quality", "0.9", "--json")
        assert done.returncode == 0, done.stderr
        made.append(json.loads(done.stdout))
    assert made[0] == made[1]
    assert made[0]["certificate"]["n"] == 300


def test_of_three_models_labels_are_certified_and_a_history_is_refused_by_name(run, tmp_path):
    (tmp_path / "b.safetensors").write_bytes(random_bundle(3, v=400, m=3))
    names = Router(model=tmp_path / "b.safetensors").bundle.config.models
    draw = random.Random(0)
    with (tmp_path / "three.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", *names])
        for i in range(400):
            marks = int(draw.random() < 0.97), int(draw.random() < 0.99), 1
            rows.writerow([" ".join([*draw.choices(WORDS, k=6), str(i)]), *marks])
    done = run("three.csv", "--models", ",".join(names), "--quality", "0.9")
    assert done.returncode == 0, done.stderr
    policy = Policy.from_json((tmp_path / "policy.json").read_text())
    router = Router(model=tmp_path / "b.safetensors", policy=policy)
    assert router.route("what is the proof").policy_id == policy.id
    with Router(model=tmp_path / "b.safetensors", store=SQLiteStore(tmp_path / "h.sqlite")) as one:
        one.route("what is the proof")
    done = run("h.sqlite", "--quality", "0.9")
    assert done.returncode == 1 and "two models; this bundle has more" in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "fault"),
    [
        ([], 2, "exactly one of"),
        (["--quality", "0.9", "--risk", "0.1"], 2, "exactly one of"),
        (["--quality", "95"], 2, "'--quality': 95.0 is not in the range 0<=x<=1"),
        (["--risk", "0.1", "--rate", "wrong"], 2, "'wrong' is not one of 'regret', 'joint'"),
        (["--quality", "0.9", "--bound", "clopper-pearson"], 1, "this target needs betting"),
        (["--quality", "0.9", "--delta", "2"], 2, "'--delta'"),
        (["--budget", "3"], 2, "--budget needs --prices, or --largest-cost"),
    ],
)
def test_what_makes_no_sense_is_one_line(run, options, code, fault):
    done = run("labels.csv", *options)
    assert done.returncode == code
    assert fault in done.stderr and "Traceback" not in done.stderr
