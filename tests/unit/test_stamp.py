"""Names of decisions."""

import os
from itertools import accumulate, chain, repeat

import pytest

from tiny_dancer import stamp as stamps
from tiny_dancer.stamp import Stamp


def test_a_child_process_draws_names_of_its_own(monkeypatch):
    stamp = Stamp()
    (first, _), (second, _) = stamp.mark(0.0), stamp.mark(0.0)
    assert first.partition("-")[0] == second.partition("-")[0] and first != second
    child = os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: child)
    assert stamp.mark(0.0)[0].partition("-")[0] != first.partition("-")[0]


@pytest.mark.parametrize(
    ("steps", "is_told"),
    [
        (chain([0.0, 0.02], repeat(1e-7)), True),  # the process was halted as the clock was tried
        (repeat(1e-7), True),
        (repeat(1e-3), False),  # a coarse clock
        (repeat(0.0), False),  # one that stands still
    ],
    ids=["halted once", "fine", "coarse", "standing"],
)
def test_a_decision_of_a_tenth_of_a_millisecond_is_told_where_the_clock_can(
    monkeypatch, steps, is_told
):
    now = accumulate(steps)
    monkeypatch.setattr(stamps, "perf_counter", lambda: next(now))
    marking = Stamp()
    _, took = marking.mark(next(now) - 1e-4)
    assert (took is not None) is is_told
