"""Names of decisions."""

import os

from tiny_dancer.stamp import Stamp


def test_a_child_process_draws_names_of_its_own(monkeypatch):
    stamp = Stamp()
    (first, _), (second, _) = stamp.mark(0.0), stamp.mark(0.0)
    assert first.partition("-")[0] == second.partition("-")[0] and first != second
    child = os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: child)
    assert stamp.mark(0.0)[0].partition("-")[0] != first.partition("-")[0]
