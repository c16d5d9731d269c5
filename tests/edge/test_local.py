"""Miniflare, on which the Worker and D1 run here: what it is waited for."""

from pathlib import Path

from edge.conftest import run_node

HERE = Path(__file__).parent


def test_a_call_waits_for_its_own_answer_whenever_the_last_one_wakes_it(program: str) -> None:
    """Woken late by the call before, it would find no answer: on a busy machine D1 failed so."""
    done = run_node(program, "--require", HERE / "late_wake.cjs", HERE / "calls.mjs")
    assert (done.stdout, done.returncode) == ("20\n", 0), done.stderr[-2000:]
