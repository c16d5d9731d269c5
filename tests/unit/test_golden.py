"""Decisions do not change by accident, and kernel and twin give the same bytes.

tests/hosts and tests/e2e hold the same lines against Pyodide in Node and in Chromium.
"""

import pytest
from corpus.make_corpus import corpus
from corpus.make_golden import GOLDEN, golden_lines

from tiny_dancer import Router
from tiny_dancer.hosts import open_twin

LINES = GOLDEN.read_text(encoding="ascii").splitlines()


def test_every_decision_on_the_corpus_is_the_golden_one():
    router = Router()
    assert router.scorer == "kernel"
    assert list(golden_lines(router)) == LINES


@pytest.mark.full
def test_the_twin_gives_the_same_bytes():
    router = Router()
    router._served.scorer = open_twin(router.bundle, 512)
    got = list(golden_lines(router))
    assert router.scorer == "twin"
    assert got == LINES


def test_the_twin_gives_the_same_bytes_on_every_tenth_prompt(monkeypatch):
    monkeypatch.setattr("corpus.make_golden.corpus", lambda: corpus()[::10])
    router = Router()
    router._served.scorer = open_twin(router.bundle, 512)
    assert list(golden_lines(router)) == LINES[::10]
