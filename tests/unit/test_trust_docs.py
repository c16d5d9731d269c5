"""Whoever follows docs/trust.md reaches a certified policy with copied commands only."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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
