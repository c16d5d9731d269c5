"""A gateway killed at work loses nothing it acknowledged (kills.py; 200 times with --full)."""

import pytest
from gateway.kills import run


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_gateway_has_all_that_it_acknowledged(tmp_path, workers):
    read = run(3, workers, tmp_path)
    assert read["faults"] == [] and read["outcomes"] > 0


@pytest.mark.full
@pytest.mark.parametrize("workers", [1, 4])
def test_200_kills_lose_nothing(tmp_path, workers):
    read = run(200, workers, tmp_path)
    assert read["faults"] == [] and read["outcomes"] > 200
