"""`tiny-dancer report` and `replay`, as a user runs them."""

import asyncio
import csv
import json
import subprocess
import sys

import pytest
from patience import WORK_S
from report.histories import MODELS, graded, observed

from tiny_dancer import Policy
from tiny_dancer.history import SQLiteStore
from tiny_dancer.history.readings.export import export_lines
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import read_bundle


@pytest.fixture
def folder(tmp_path):
    bundle = read_bundle(default_bundle())

    async def fill() -> None:
        store = SQLiteStore(tmp_path / "history.db")
        scores = [n / 400 for n in range(400)]
        await store.record_routings(
            [observed(n, s, bundle_hash=bundle.bundle_hash) for n, s in enumerate(scores)]
        )
        marks = [(n, float(s < 0.7), 1.0) for n, s in enumerate(scores)]
        await store.record_outcomes([graded(*mark) for mark in marks])
        lines = [line async for line in export_lines(store)]
        (tmp_path / "export.jsonl").write_text("".join(lines))
        await store.close()

    asyncio.run(fill())
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["prompt", *MODELS])
        rows.writerows([f"What is {n} plus {n}?", 1, 1] for n in range(300))
    (tmp_path / "prices.csv").write_text("model,price\nlight,1\npowerful,10\n")
    (tmp_path / "policy.json").write_text(Policy(0.2).to_json())
    return tmp_path


def run(folder, *arguments):
    command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=WORK_S)


@pytest.mark.parametrize("source", ["history.db", "export.jsonl"])
def test_a_history_becomes_a_page_and_a_verdict(folder, source):
    done = run(folder, "report", source, "--html", "report.html")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Safe to switch on at 95%: ")
    assert "Requests: 400" in done.stdout and "The page: report.html" in done.stdout
    page = (folder / "report.html").read_text()
    assert page.startswith("<!doctype html>") and done.stdout.splitlines()[0] in page.replace(
        "&#x27;", "'"
    )


def test_labels_become_a_report(folder):
    done = run(folder, "report", "labels.csv", "--prices", "prices.csv", "--json")
    said = json.loads(done.stdout)
    assert said["pairs"] == {"n": 300, "ungraded": 0, "graded_by": {"people": 300}}
    assert said["traffic"]["requests"] == 0 and said["certificates"][0]["light_share"] > 0
    assert said["quality"]["single_models"][0]["cost_per_1000"] == 1_000


def test_what_is_too_old_is_left_out(folder):
    done = run(folder, "report", "history.db", "--days", "0.001", "--json")
    assert json.loads(done.stdout)["pairs"]["n"] == 0


@pytest.mark.parametrize("source", ["history.db", "export.jsonl"])
def test_another_policy_is_tried_on_the_past(folder, source):
    done = run(folder, "replay", source, "--policy", "policy.json")
    assert done.returncode == 0, done.stderr
    # Scores 0.2025 … 0.5 went light at 0.5 and would not at 0.2.
    assert done.stdout.startswith("120 of 400 decisions change: 0 to the light model, 120 to the")
    said = json.loads(run(folder, "replay", source, "--policy", "policy.json", "--json").stdout)
    assert said["changed"] == said["to_powerful"] == 120
    assert said["after"]["kept"]["estimate"] == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("replay", "labels.csv", "--policy", "policy.json"), "a history is needed"),
        (("replay", "history.db", "--policy", "labels.csv"), "labels.csv: not JSON"),
        (("report", "nothing.db"), "nothing.db"),
        (("report", "history.db", "--html", "history.db"), "history.db"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(folder, arguments, message):
    done = run(folder, *arguments)
    assert done.returncode == 1 and message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr


def test_a_certificate_by_people_takes_no_word_of_a_judge(folder):
    command = ("calibrate", "history.db", "--quality", "0.9", "--out", "p.json")
    done = run(folder, *command)
    assert done.returncode == 0 and "as marked by judge:j" in done.stdout
    done = run(folder, *command, "--by-people")
    assert done.returncode == 1 and "further outcomes" in done.stderr
