"""promptfoo itself evaluates docs/examples with the provider that lies there."""

import json
import shutil
import sys

from conftest import EASY, HARD, ROOT, find_node_package, run_node

EXAMPLES = ROOT / "docs/examples"


def evaluate(tmp_path, config):
    """What promptfoo printed, and its results by prompt."""
    folder = find_node_package("promptfoo", "promptfoo")
    shutil.copy(EXAMPLES / "promptfoo_provider.py", tmp_path)
    (tmp_path / "promptfooconfig.yaml").write_text(config)
    done = run_node(
        *(folder / "node_modules/.bin/promptfoo", "eval"),
        *("--no-cache", "--no-write", "--no-progress-bar", "-o", "out.json"),
        cwd=tmp_path,
        PROMPTFOO_PYTHON=sys.executable,
        PROMPTFOO_CONFIG_DIR=str(tmp_path / "config"),
        PROMPTFOO_DISABLE_TELEMETRY="1",
        PROMPTFOO_DISABLE_UPDATE="1",
    )
    results = json.loads((tmp_path / "out.json").read_text())["results"]["results"]
    return done, {row["vars"]["prompt"]: row for row in results}


WRONG = """
  - vars: { prompt: "What is the capital of Italy?" }
    assert: [{ type: equals, value: powerful }]
"""


def test_the_example_passes_a_wrong_expectation_fails_and_metadata_are_the_decision(tmp_path):
    done, rows = evaluate(tmp_path, (EXAMPLES / "promptfooconfig.yaml").read_text() + WRONG)
    found = {prompt: (row["response"]["output"], row["success"]) for prompt, row in rows.items()}
    assert found.pop("What is the capital of Italy?") == ("light", False)
    assert found == {EASY: ("light", True), HARD: ("powerful", True)}
    assert done.returncode == 100, done.stdout + done.stderr  # promptfoo's "a test failed"
    metadata = rows[EASY]["response"]["metadata"]
    assert metadata["reason"] == "below_threshold" and 0 < metadata["confidence"] < 1
