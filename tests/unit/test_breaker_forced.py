"""Forced open and forced closed: nothing but their release moves them."""

import pytest

from tiny_dancer.breaker.events import (
    Cause,
    Force,
    LeaseRequest,
    Refused,
    Report,
    Transition,
)
from tiny_dancer.breaker.state import BreakerState, Mode, is_healthy, retry_after_s
from tiny_dancer.breaker.step import step
from tiny_dancer.config import BreakerConfig
from tiny_dancer.errors import InvalidInputError

CONFIG = BreakerConfig()


def forced(mode: Mode) -> BreakerState:
    state, (transition,) = step(BreakerState(), Force(mode), 1000.0, CONFIG)
    assert transition == Transition(1000.0, Mode.CLOSED, mode, Cause.FORCED)
    return state


def test_forced_open_stays_open_for_ever() -> None:
    state = forced(Mode.FORCED_OPEN)
    assert not is_healthy(state, 1e12) and retry_after_s(state, 1e12) is None
    after, effects = step(state, LeaseRequest("a"), 1e12, CONFIG)
    assert after == state and effects == (Refused(None),)
    assert step(state, Report(True), 1e12, CONFIG) == (state, ())


def test_forced_closed_ignores_failures() -> None:
    state = forced(Mode.FORCED_CLOSED)
    for _ in range(100):
        assert step(state, Report(False, retry_after=5.0), 1001.0, CONFIG) == (state, ())
    assert is_healthy(state, 1001.0)


def test_release_gives_a_closed_and_empty_breaker() -> None:
    state, (transition,) = step(forced(Mode.FORCED_OPEN), Force(None), 1001.0, CONFIG)
    assert transition == Transition(1001.0, Mode.FORCED_OPEN, Mode.CLOSED, Cause.RELEASED)
    assert state == BreakerState()


def test_forcing_twice_and_releasing_what_was_not_forced_change_nothing() -> None:
    state = forced(Mode.FORCED_OPEN)
    assert step(state, Force(Mode.FORCED_OPEN), 1001.0, CONFIG) == (state, ())
    assert step(BreakerState(), Force(None), 1001.0, CONFIG) == (BreakerState(), ())


@pytest.mark.parametrize("mode", [Mode.OPEN, Mode.CLOSED, Mode.HALF_OPEN, "open"])
def test_only_forced_modes_can_be_forced(mode: Mode) -> None:
    with pytest.raises(InvalidInputError, match="mode"):
        Force(mode)
