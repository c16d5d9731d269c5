"""Decisions do not change by accident, and kernel and twin give the same bytes.

tests/hosts and tests/e2e hold the same prompts against Pyodide in Node and in Chromium.
"""

import json
from collections import Counter

import pytest
from corpus.make_corpus import corpus
from corpus.make_golden import GOLDEN, golden_lines

from tiny_dancer import Router
from tiny_dancer.hosts import open_twin

LINES = GOLDEN.read_text(encoding="ascii").splitlines()
GATED = [line for line in LINES if line.startswith("gate-")]


def test_every_decision_on_the_corpus_is_the_golden_one():
    assert Router().scorer == "kernel"
    assert list(golden_lines()) == LINES


def test_the_gate_of_the_corpus_is_passed_and_missed_at_both_bounds():
    reasons = Counter(json.loads(line.split("\t")[1])["reason"] for line in GATED)
    assert {"gate_passed", "gate_confidence", "gate_uncertainty"} <= reasons.keys()


@pytest.mark.full
def test_the_twin_gives_the_same_bytes():
    assert Router(scorer=open_twin).scorer == "twin"
    assert list(golden_lines(scorer=open_twin)) == LINES


def test_the_twin_gives_the_same_bytes_on_every_tenth_prompt(monkeypatch):
    monkeypatch.setattr("corpus.make_golden.corpus", lambda: corpus()[::10])
    lines = LINES[: len(corpus()) : 10] + GATED[::10]
    assert list(golden_lines(scorer=open_twin)) == lines
