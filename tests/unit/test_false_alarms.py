"""The short part of `python -m tiny_dancer.evaluate.trust`: traffic that is not exchangeable."""

import math
import random

import pytest

from tiny_dancer.calibration.paired_outcome import PairedOutcome
from tiny_dancer.evaluate.trust import alarms

RUNS = 8
MOST = 3
"""P(more of 8 at a rate of 1 in 20) < 1 in 1,000."""


@pytest.fixture(scope="module")
def pool() -> list[PairedOutcome]:
    """Prompts of a difficulty that the score is, on which light fails the more often."""
    draw, found = random.Random(1), []
    for _ in range(4_000):
        difficulty = draw.gauss(0, 1)
        light = float(draw.random() < 1 / (1 + math.exp(difficulty - 2)))
        score = max(-2.0, min(difficulty / 4, 2.0))
        found.append(PairedOutcome((score,), (light, float(draw.random() < 0.95))))
    return found


@pytest.mark.parametrize("name", ["bursts", "days"])
def test_batches_and_day_cycles_may_warn_and_do_not_switch(pool, name):
    found = alarms.count_false_alarms(pool, alarms.STREAMS[name], RUNS)
    assert found["decisions"] == 10_000
    assert found["alarms"] <= MOST
    assert found["warnings"] > MOST  # the scores are others: who switched by them would always
