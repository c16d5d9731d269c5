"""What opens a breaker, and what does not."""

from dataclasses import replace

import pytest

from tiny_dancer.breaker.events import Cause, Event, Report, Transition
from tiny_dancer.breaker.state import BreakerState, Mode
from tiny_dancer.breaker.step import step
from tiny_dancer.config import BreakerConfig
from tiny_dancer.errors import InvalidInputError

CONFIG = BreakerConfig()
OK, FAILED = Report(True), Report(False)
SLOW = Report(True, latency_ms=60_000)


def run(events: list[Event], config: BreakerConfig = CONFIG, gap: float = 0.1):
    """State after the events, one every `gap` seconds, and all transitions."""
    state, transitions = BreakerState(), []
    for k, event in enumerate(events):
        state, effects = step(state, event, 1000.0 + k * gap, config)
        transitions += [effect for effect in effects if isinstance(effect, Transition)]
    return state, transitions


def test_fifth_failure_in_a_row_opens() -> None:
    assert run([FAILED] * 4)[0].mode is Mode.CLOSED
    state, (opened,) = run([FAILED] * 5)
    assert state.mode is Mode.OPEN
    assert (opened.before, opened.after) == (Mode.CLOSED, Mode.OPEN)
    assert opened.cause is Cause.CONSECUTIVE_FAILURES
    assert opened.until == state.opened_at + state.open_for


def test_success_starts_the_count_again() -> None:
    assert run([FAILED] * 4 + [OK] + [FAILED] * 4)[0].mode is Mode.CLOSED


def test_failure_rate_opens_once_there_are_enough_calls() -> None:
    """Half of the calls fail, never two in a row: 20 calls are needed, and a failure to see it."""
    assert run([FAILED, OK] * 9 + [FAILED])[1] == []
    _, (opened,) = run([FAILED, OK] * 10 + [FAILED])
    assert opened.cause is Cause.FAILURE_RATE


def test_failure_rate_below_the_bound_does_not_open() -> None:
    assert run([FAILED, OK, OK] * 100)[1] == []


def test_window_forgets() -> None:
    """Nine failures, then a minute of successes in which they leave the window."""
    calm = [FAILED, OK] * 9 + [OK] * 600
    state, _ = run(calm)
    assert sum(bucket.failures for bucket in state.window) == 0
    assert len(state.window) == CONFIG.buckets


def test_slow_calls_open() -> None:
    assert run([SLOW] * 19)[1] == []
    _, (opened,) = run([SLOW] * 20)
    assert opened.cause is Cause.SLOW_CALLS


def test_slow_calls_do_not_matter_where_no_time_is_set() -> None:
    assert run([SLOW] * 100, replace(CONFIG, slow_call_ms=None))[1] == []


def test_a_success_never_opens() -> None:
    state, _ = run([FAILED, OK] * 9 + [FAILED])
    assert step(state, OK, 1002.0, CONFIG)[0].mode is Mode.CLOSED


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 499])
def test_callers_faults_do_not_count(status: int) -> None:
    state, transitions = run([Report(False, status=status)] * 50)
    assert state == BreakerState() and transitions == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, None])
def test_upstreams_faults_count(status: int | None) -> None:
    assert run([Report(False, status=status)] * 5)[0].mode is Mode.OPEN


def test_callers_fault_does_not_break_a_row_of_failures() -> None:
    assert run([FAILED] * 4 + [Report(False, status=400), FAILED])[0].mode is Mode.OPEN


@pytest.mark.parametrize(
    "field", [{"latency_ms": float("nan")}, {"retry_after": -1.0}, {"status": "500"}]
)
def test_a_malformed_report_names_the_fault(field: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match=next(iter(field))):
        Report(True, **field)


@pytest.mark.parametrize(
    "field",
    [
        {"consecutive_failures": 0},
        {"failure_rate": 0.0},
        {"open_s": float("inf")},
        {"max_probes": 65},
        {"jitter": -0.1},
        {"max_open_s": 1.0},
        {"slow_call_ms": 0.0},
    ],
)
def test_a_setting_out_of_range_is_named(field: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError, match=next(iter(field))):
        BreakerConfig(**field)
