"""How long a breaker stays open: back-off, jitter, Retry-After."""

from dataclasses import replace

import pytest

from tiny_dancer.breaker.events import Cause, LeaseRequest, Refused, Report, Transition
from tiny_dancer.breaker.state import (
    BreakerState,
    Mode,
    is_healthy,
    mode_at,
    retry_after_s,
)
from tiny_dancer.breaker.step import step
from tiny_dancer.config import BreakerConfig

CONFIG = BreakerConfig(jitter=0.0)
FAILED = Report(False)


def opened(config: BreakerConfig = CONFIG, at: float = 1000.0) -> BreakerState:
    state = BreakerState()
    for _ in range(config.consecutive_failures):
        state, _ = step(state, FAILED, at, config)
    assert state.mode is Mode.OPEN
    return state


def failed_probe(state: BreakerState, config: BreakerConfig) -> BreakerState:
    at = state.opened_at + state.open_for
    state, _ = step(state, LeaseRequest("probe"), at, config)
    state, _ = step(state, Report(False, lease="probe"), at + 1, config)
    assert state.mode is Mode.OPEN
    return state


def test_open_for_a_minute() -> None:
    state = opened()
    assert mode_at(state, 1059.999) is Mode.OPEN
    assert mode_at(state, 1060.0) is Mode.HALF_OPEN
    assert not is_healthy(state, 1060.0)
    assert retry_after_s(state, 1010.0) == 50.0


def test_every_failed_probe_doubles_the_time_up_to_the_bound() -> None:
    state, times = opened(), []
    for _ in range(6):
        times.append(state.open_for)
        state = failed_probe(state, CONFIG)
    assert times == [60, 120, 240, 480, 900, 900]


def test_closing_forgets_the_back_off() -> None:
    state = failed_probe(opened(), CONFIG)
    at = state.opened_at + state.open_for
    for name in ("a", "b"):
        state, _ = step(state, LeaseRequest(name), at, CONFIG)
        state, _ = step(state, Report(True, lease=name), at, CONFIG)
    assert state.mode is Mode.CLOSED
    for _ in range(5):
        state, _ = step(state, FAILED, at + 1, CONFIG)
    assert state.open_for == 60.0


def test_jitter_only_adds_and_comes_from_the_seed() -> None:
    times = [opened(BreakerConfig(seed=seed)).open_for for seed in range(200)]
    assert all(60.0 <= t <= 66.0 for t in times)
    assert len(set(times)) == 200
    assert sum(times) / 200 == pytest.approx(63.0, abs=0.4)  # three standard errors of U(60, 66)
    assert times == [opened(BreakerConfig(seed=seed)).open_for for seed in range(200)]


def test_retry_after_makes_the_time_longer_never_shorter() -> None:
    for wait, want in ((300.0, 300.0), (10.0, 60.0)):
        state = BreakerState()
        for k in range(5):
            told = wait if k == 4 else None
            state, _ = step(state, Report(False, status=503, retry_after=told), 1000.0, CONFIG)
        assert state.open_for == want


def test_one_retry_after_opens_for_just_that_time() -> None:
    report = Report(False, status=429, retry_after=7.0)
    state, (transition,) = step(BreakerState(), report, 1000.0, CONFIG)
    assert isinstance(transition, Transition) and transition.cause is Cause.RETRY_AFTER
    assert transition.until == 1007.0 and state.attempts == 0
    calm = replace(CONFIG, retry_after_opens=False)
    assert step(BreakerState(), report, 1000.0, calm)[0].mode is Mode.CLOSED


def test_retry_after_is_believed_up_to_the_bound() -> None:
    state, _ = step(BreakerState(), Report(False, retry_after=1e9), 1000.0, CONFIG)
    assert state.open_for == CONFIG.max_retry_after_s


def test_late_reports_while_open_decide_nothing() -> None:
    state = opened()
    for report in (Report(True), FAILED, Report(True, lease="forged")):
        assert step(state, report, 1001.0, CONFIG) == (state, ())


def test_late_retry_after_while_open_waits_longer() -> None:
    state, effects = step(opened(), Report(False, retry_after=100.0), 1030.0, CONFIG)
    assert (state.opened_at + state.open_for, effects) == (1130.0, ())


def test_no_lease_while_open() -> None:
    state = opened()
    after, (refused,) = step(state, LeaseRequest("a"), 1020.0, CONFIG)
    assert after == state and refused == Refused(40.0)


def test_reading_changes_nothing() -> None:
    """The state read a thousand times, also past its end, is the state not read at all."""
    state = opened()
    want = step(state, LeaseRequest("a"), 1061.0, CONFIG)
    for k in range(1000):
        mode_at(state, 1000.0 + k), is_healthy(state, 1000.0 + k), retry_after_s(state, 1000.0 + k)
    assert step(state, LeaseRequest("a"), 1061.0, CONFIG) == want
