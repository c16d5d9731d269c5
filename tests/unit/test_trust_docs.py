"""Whoever follows docs/trust.md reaches a certified policy with copied commands only."""

import json
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from gateway.processes import find_free_port, wait_for
from patience import PATIENCE_S, WORK_S

from tiny_dancer import Router
from tiny_dancer.history import SQLiteStore
from tiny_dancer.policy import Policy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trust.md").read_text("utf-8")
DEMO, LIBRARY = PAGE.split("## In Python, without a gateway")


def find_blocks(text):
    return re.findall(r"```(python|sh|text)\n(.*?)```", text, re.S)


BLOCKS = find_blocks(LIBRARY)


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
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=WORK_S
            )
            assert done.returncode == 0, (command, done.stderr)
            told.append((command[1:], done.stdout))
    return folder, told


class Terminals:
    """Two terminals: in the first one the gateway runs, one after the other."""

    def __init__(self, folder):
        self.folder, self.port, self.told, self.gateway = folder, find_free_port(), [], None

    def follow(self, kind, text):
        """Copy a block; the address is another one, so that tests can run side by side."""
        text = text.replace(":8787", f":{self.port}")
        if kind == "python":
            self._run([sys.executable, "-c", text])
            return
        for line in (shlex.split(line) for line in text.splitlines()):
            if line[:2] == ["tiny-dancer", "serve"]:
                self._serve(line[1:])
            else:
                assert line[0] == "curl"
                self._wait_for_pairs(line)
                self._run(line)

    def _run(self, command):
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=WORK_S, check=True
        )
        self.told.append(done.stdout)

    def _serve(self, arguments):
        self.stop()
        program = Path(sys.executable).parent / "tiny-dancer"
        command = [str(program), *arguments, "--port", str(self.port)]
        self.gateway = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL)
        wait_for(f"http://127.0.0.1:{self.port}", self.gateway)

    def _wait_for_pairs(self, line):
        """As somebody would: until the report's number of pairs does not grow any more."""
        before = -1
        while "report" in line[-1]:
            done = subprocess.run(line, capture_output=True, text=True, check=True)
            pairs = json.loads(done.stdout)["pairs"]
            if pairs["n"] == before and not pairs["ungraded"]:
                return
            before = pairs["n"]
            time.sleep(0.5)

    def stop(self):
        if self.gateway is not None:
            self.gateway.send_signal(signal.SIGINT)
            self.gateway.wait(PATIENCE_S)


def test_the_demos_models_lead_to_a_certified_policy(tmp_path):
    terminals = Terminals(tmp_path)
    try:
        for kind, text in find_blocks(DEMO):
            terminals.follow(kind, text)
    finally:
        terminals.stop()
    _, report, calibrated, answer, drift = terminals.told
    report, calibrated, drift = (json.loads(one) for one in (report, calibrated, drift))
    assert report["pairs"]["n"] > 150 and report["traffic"]["observed"] == 800
    assert calibrated["certified"]
    assert calibrated["policy"]["estimate"]["light_share"] > 0.3
    head = answer.lower()
    assert f"x-tiny-dancer-policy: {calibrated['id']}" in head
    assert "x-tiny-dancer-decision: light" in head and "this is the light model" in head
    assert drift["drift"]["state"] == "steady"


def test_the_demos_admin_key_is_for_this_machine_alone(tmp_path):
    program = Path(sys.executable).parent / "tiny-dancer"
    for more in (["--host", "0.0.0.0", "--history", "h.db"], ["--config", "c", "--observe"]):
        command = [str(program), "serve", *(["--demo"] if "--host" in more else []), *more]
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 2, done.stderr


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
        [str(program), *arguments], cwd=folder, capture_output=True, text=True, timeout=WORK_S
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
    other = results["other_requests"]
    most = stats.binom.ppf(0.999, other["runs"], other["rate"])
    assert other["runs"] >= 200 and other["before_the_change"] <= most
    for pool, found in results["pools"].items():
        assert {row["n"] for row in found["rows"]} == {100, 300, 1_000, 3_000}
        for row in found["rows"]:
            told = row["certified"]
            most = stats.binom.ppf(0.999, told["samples"], results["delta"])
            assert told["missed"] <= most, (pool, row["measure"], row["value"], row["n"])


def test_what_was_timed_is_within_what_is_promised():
    found = json.loads((ROOT / "docs" / "results" / "bench-trust.json").read_text("utf-8"))
    assert found["outcomes"] == 100_000 and found["learned"] == 1_000
    for host, calibrating in (("cpython", 2.0), ("pyodide", 20.0)):
        assert max(found[host]["calibrate_s"].values()) < calibrating
        assert found[host]["learn_s"] < 5.0
        assert found[host]["decision_us"]["ratio"] < 1.1  # a certified policy costs no more
