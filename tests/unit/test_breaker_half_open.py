"""Half-open: at most three probes at a time, and only they decide."""

import pytest

from tiny_dancer.breaker.events import (
    Cause,
    Granted,
    LeaseRequest,
    Refused,
    Report,
    Transition,
)
from tiny_dancer.breaker.state import BreakerState, Mode, retry_after_s
from tiny_dancer.breaker.step import step
from tiny_dancer.config import BreakerConfig

CONFIG = BreakerConfig(jitter=0.0)
READY = BreakerState(mode=Mode.OPEN, opened_at=1000.0, open_for=60.0, attempts=1, openings=1)


def lease(state: BreakerState, name: str, now: float = 1060.0):
    state, effects = step(state, LeaseRequest(name), now, CONFIG)
    return state, effects[-1]


def leased(*names: str, now: float = 1060.0) -> BreakerState:
    state = READY
    for name in names:
        state, answer = lease(state, name, now)
        assert isinstance(answer, Granted)
    return state


def test_half_open_admits_three_probes() -> None:
    state = leased("a", "b", "c")
    after, refused = lease(state, "d")
    assert after == state and refused == Refused(60.0)


def test_flood_of_a_thousand_gets_three_leases() -> None:
    state, granted = READY, 0
    for k in range(1000):
        state, answer = lease(state, f"request-{k}", 1060.0 + k * 0.001)
        granted += isinstance(answer, Granted)
    assert granted == 3


def test_entering_half_open_is_recorded_once() -> None:
    state, effects = step(READY, LeaseRequest("a"), 1060.0, CONFIG)
    want = Transition(1060.0, Mode.OPEN, Mode.HALF_OPEN, Cause.TIME_OVER)
    assert effects[0] == want and isinstance(effects[1], Granted)
    _, effects = step(state, LeaseRequest("b"), 1061.0, CONFIG)
    assert len(effects) == 1


def test_two_answered_probes_close() -> None:
    state, effects = step(leased("a", "b"), Report(True, lease="a"), 1061.0, CONFIG)
    assert (state.mode, effects) == (Mode.HALF_OPEN, ())
    state, (closed,) = step(state, Report(True, lease="b"), 1062.0, CONFIG)
    assert closed == Transition(1062.0, Mode.HALF_OPEN, Mode.CLOSED, Cause.PROBES_ANSWERED)
    assert state == BreakerState(openings=1)


@pytest.mark.parametrize("report", [Report(False, lease="a"), Report(True, 60_000, lease="a")])
def test_one_failed_or_slow_probe_opens_for_longer(report: Report) -> None:
    state, (opened,) = step(leased("a", "b"), report, 1061.0, CONFIG)
    assert isinstance(opened, Transition) and opened.cause is Cause.PROBE_FAILED
    assert state.open_for == 120.0 and state.probes == ()


def test_probe_that_never_answers_frees_its_place() -> None:
    state = leased("a", "b", "c")
    assert isinstance(lease(state, "d", 1119.9)[1], Refused)
    state, answer = lease(state, "d", 1120.0)
    assert isinstance(answer, Granted) and [x.id for x in state.probes] == ["d"]


def test_answer_after_the_lease_expired_decides_nothing() -> None:
    state = leased("a", "b")
    for report in (Report(True, lease="a"), Report(False, lease="b")):
        after, effects = step(state, report, 1120.0, CONFIG)
        assert (after.mode, after.answered, effects) == (Mode.HALF_OPEN, 0, ())


def test_calls_without_a_lease_decide_nothing() -> None:
    state = leased("a")
    for report in [Report(True)] * 10 + [Report(False)] * 10 + [Report(True, lease="forged")]:
        assert step(state, report, 1061.0, CONFIG) == (state, ())


def test_callers_fault_frees_the_place_and_decides_nothing() -> None:
    state, effects = step(leased("a"), Report(False, status=400, lease="a"), 1061.0, CONFIG)
    assert (state.mode, state.probes, state.answered, effects) == (Mode.HALF_OPEN, (), 0, ())


def test_a_lease_answers_once() -> None:
    state, _ = step(leased("a"), Report(True, lease="a"), 1061.0, CONFIG)
    assert step(state, Report(True, lease="a"), 1061.0, CONFIG) == (state, ())


def test_lease_of_an_earlier_period_is_worth_nothing() -> None:
    state, _ = step(leased("a", "b"), Report(False, lease="a"), 1061.0, CONFIG)
    state, _ = lease(state, "c", 1181.0)
    assert state.mode is Mode.HALF_OPEN
    assert step(state, Report(True, lease="b"), 1182.0, CONFIG) == (state, ())


def test_retry_after_of_an_unleased_call_is_honoured() -> None:
    state, (opened,) = step(leased("a"), Report(False, retry_after=20.0), 1061.0, CONFIG)
    assert isinstance(opened, Transition) and opened.cause is Cause.RETRY_AFTER
    assert opened.until == 1081.0 and state.attempts == 1


def test_wait_until_a_place_is_free() -> None:
    state = leased("a", "b", now=1060.0)
    assert retry_after_s(state, 1060.0, CONFIG.max_probes) == 0.0
    state, _ = lease(state, "c", 1070.0)
    assert retry_after_s(state, 1080.0, CONFIG.max_probes) == 40.0
