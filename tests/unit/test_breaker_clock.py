"""A clock that steps: harmless."""

from dataclasses import replace

import pytest

from tiny_dancer.breaker.events import Granted, LeaseRequest, Report
from tiny_dancer.breaker.state import (
    BreakerState,
    Bucket,
    Mode,
    Probe,
    mode_at,
    retry_after_s,
)
from tiny_dancer.breaker.step import step
from tiny_dancer.config import BreakerConfig

CONFIG = BreakerConfig(jitter=0.0)
OPEN = BreakerState(mode=Mode.OPEN, opened_at=10_000.0, open_for=60.0, attempts=1, openings=1)


@pytest.mark.parametrize("back", [0.001, 1.0, 3600.0, 1e9])
def test_open_breaker_waits_at_most_one_more_period(back: float) -> None:
    now = 10_030.0 - back
    assert mode_at(OPEN, now) is Mode.OPEN
    assert 0 < retry_after_s(OPEN, now) <= 60.0
    state, _ = step(OPEN, LeaseRequest("a"), now, CONFIG)
    assert mode_at(state, now + 60.0) is Mode.HALF_OPEN


def test_leases_do_not_outlive_their_length() -> None:
    held = Probe("a", 10_000.0, 10_060.0)
    state = replace(OPEN, mode=Mode.HALF_OPEN, probes=(held,) * 3)
    assert retry_after_s(state, 100.0, 3) == 60.0
    state, _ = step(state, LeaseRequest("b"), 100.0, CONFIG)
    state, effects = step(state, LeaseRequest("b"), 160.0, CONFIG)
    assert isinstance(effects[-1], Granted)


def test_calls_counted_in_the_future_stay_in_the_window_once() -> None:
    state = BreakerState(window=(Bucket(10_000.0, 30, 10, 0),))
    state, _ = step(state, Report(True), 500.0, CONFIG)
    assert state.window == (Bucket(498.0, 31, 10, 0),)


def test_forward_jump_ends_the_open_period_and_no_more() -> None:
    state, effects = step(OPEN, LeaseRequest("a"), 1e12, CONFIG)
    assert state.mode is Mode.HALF_OPEN and isinstance(effects[-1], Granted)


def test_two_clocks_that_differ_cost_their_difference_once() -> None:
    """Two processes report in turn, half a second apart: the period ends half a second early."""
    state = OPEN
    for k in range(50):
        state, _ = step(state, Report(False), 10_000.0 + k - 0.5 * (k % 2 == 0), CONFIG)
    assert state.opened_at == 9_999.5
