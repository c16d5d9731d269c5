"""Whoever follows docs/trust.md reaches a certified policy with copied commands only."""

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tiny_dancer import Router
from tiny_dancer.history import SQLiteStore
from tiny_dancer.policy import Policy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trust.md").read_text("utf-8")
BLOCKS = re.findall(r"```(python|sh|text)\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The page from top to bottom: each command's output, and the folder."""
    folder, told, names = tmp_path_factory.mktemp("trust"), [], {}
    program = Path(sys.executable).parent / "tiny-dancer"
    for at, (kind, text) in enumerate(BLOCKS):
        if kind == "python":
            names[at] = folder / f"block{at}.py"
            before = [BLOCKS[i][1] for i in range(at) if BLOCKS[i][0] == "python"]
            imports = [line for one in before for line in one.splitlines() if "import" in line]
            names[at].write_text("\n".join([*imports, text]))
            commands = [[sys.executable, str(names[at])]]
        elif kind == "sh":
            lines = [shlex.split(line) for line in text.splitlines() if line]
            assert all(line[0] == "tiny-dancer" for line in lines)
            commands = [[str(program), *line[1:]] for line in lines]
        else:
            assert told[-1][1] == text
            continue
        for command in commands:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, (command, done.stderr)
            told.append((command[1:], done.stdout))
    return folder, told


def test_copied_commands_lead_to_a_certified_policy(followed):
    folder, told = followed
    policy = Policy.from_json((folder / "policy.json").read_text("utf-8"))
    assert policy.certificate.rate == "quality_kept" and policy.certificate.alpha == 0.95
    assert policy.certificate.n == 1_500 and policy.estimate.light_share > 0.3
    assert (folder / "report.html").read_text("utf-8").lower().startswith("<!doctype html")
    assert "Nothing speaks against the certificate" in next(
        out for command, out in told if command[0] == "drift"
    )


def test_what_is_explained_is_the_policy_in_service(followed):
    folder, told = followed
    command, shown = next((c, out) for c, out in told if c[0] == "route")
    assert "--history" in command
    done = run(folder, *command, "--json")
    with Router(store=SQLiteStore(folder / "history.db")) as router:
        policy = router.route("What is the capital of France?")
        assert done["policy_id"] == policy.policy_id and done["threshold"] == policy.threshold
        assert done["threshold"] != router.bundle.policy.threshold
    assert f"threshold {policy.threshold:.3f}" in shown


def test_a_report_knows_of_the_certificate_in_force(followed):
    folder, _ = followed
    said = run(folder, "report", "history.db", "--json")
    assert said["drift"] == "steady"
    assert said["verdict"].startswith("On, and the certificate holds: quality kept 0.95")


def test_routing_by_a_history_writes_nothing_to_it(followed):
    folder, _ = followed
    count = "select (select count(*) from decisions), (select count(*) from events)"
    with closing(sqlite3.connect(folder / "history.db")) as base:
        before = base.execute(count).fetchone()
        run(folder, "route", "What is two?", "--history", "history.db", "--json")
        assert base.execute(count).fetchone() == before


def run(folder, *arguments):
    program = Path(sys.executable).parent / "tiny-dancer"
    done = subprocess.run(
        [str(program), *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_its_tables_are_those_of_the_results_file():
    pytest.importorskip("matplotlib")
    stats = pytest.importorskip("scipy.stats")
    from tiny_dancer.evaluate.trust.document import redraw

    results = json.loads((ROOT / "docs" / "results" / "trust.json").read_text("utf-8"))
    assert redraw(PAGE, results) == PAGE
    for kind in ("steady", "bursts", "days"):  # at most one run of twenty, by a binomial's tail
        row = results["false_alarms"][kind]
        most = stats.binom.ppf(0.999, row["runs"], results["false_alarms"]["rate"] / 2)
        assert row["runs"] >= 400 and row["alarms"] <= most
