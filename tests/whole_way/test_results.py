"""What the long versions by command found; see test_whole_way.py."""

import json
from pathlib import Path

from whole_way.run import describe, find_most

RESULTS = Path(__file__).parents[2] / "docs/results"
CENT = 0.005


def test_a_hundred_repetitions_kept_what_was_certified():
    found = json.loads((RESULTS / "whole-way.json").read_text("utf-8"))
    certified = [run for run in found["runs"] if "refused" not in run]
    failed = [run for run in certified if run["true_quality"] < found["target"]]
    assert len(found["runs"]) == found["repetitions"] == 100
    assert len(failed) == found["below_target"] <= find_most(len(certified), found["delta"])
    assert len(certified) + found["refused"] == 100 and len(certified) >= 80
    assert found["money_differs_by_at_most"] < CENT


def test_the_page_shows_what_was_found():
    found = json.loads((RESULTS / "whole-way.json").read_text("utf-8"))
    assert describe(found) in (RESULTS.parent / "shadow.md").read_text("utf-8")
