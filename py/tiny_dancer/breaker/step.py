"""A circuit breaker for one upstream model: a pure function of state, event and time.

Closed → open on failures in a row, on the failure rate or the rate of slow calls in a rolling
window, or because the upstream said Retry-After. Open → half-open when its time is over.
Half-open → closed when probes were answered, → open when one failed. Only a call with a lease is a
probe; what other calls report while it is not closed (they began before) decides nothing.

A time stored that lies after `now` is taken to be `now`: a clock that steps back makes an open
period start again at worst.
"""

from dataclasses import replace
from math import floor
from typing import Final

from ..config import BreakerConfig
from .events import (
    Cause,
    Effect,
    Event,
    Force,
    Granted,
    LeaseRequest,
    Refused,
    Report,
    Tick,
    Transition,
)
from .state import BreakerState, Bucket, Mode, Probe, mode_at, retry_after_s

MAX_BACKOFFS: Final = 1_000
"""From so many openings on it stays open no longer than before."""


def step(
    state: BreakerState, event: Event, now: float, config: BreakerConfig
) -> tuple[BreakerState, tuple[Effect, ...]]:
    """The next state, and what has to be recorded or answered because of it.

    Args:
        state: before the event.
        event: what happened.
        now: when, in seconds.
        config: the breaker's settings.
    """
    state, effects = _advance(state, now)
    match event:
        case Force():
            return _force(state, event, now, effects)
        case LeaseRequest():
            return _lease(state, event, now, config, effects)
        case Report():
            return _report(state, event, now, config, effects)
        case Tick():
            return state, effects


def _advance(state: BreakerState, now: float) -> tuple[BreakerState, tuple[Effect, ...]]:
    """Bring the state to this time: no stored time after it, half-open where that is due."""
    if state.opened_at > now:
        state = replace(state, opened_at=now)
    if state.probes:
        probes = (
            probe if probe.granted_at <= now else _move(probe, now - probe.granted_at)
            for probe in state.probes
        )
        state = replace(state, probes=tuple(x for x in probes if now < x.expires_at))
    if mode_at(state, now) is state.mode:
        return state, ()
    entered = replace(state, mode=Mode.HALF_OPEN)
    return entered, (Transition(now, state.mode, Mode.HALF_OPEN, Cause.TIME_OVER),)


def _move(probe: Probe, by: float) -> Probe:
    return Probe(probe.id, probe.granted_at + by, probe.expires_at + by)


def _force(
    state: BreakerState, event: Force, now: float, effects: tuple[Effect, ...]
) -> tuple[BreakerState, tuple[Effect, ...]]:
    forced = state.mode in (Mode.FORCED_OPEN, Mode.FORCED_CLOSED)
    if event.mode is state.mode or (event.mode is None and not forced):
        return state, effects
    after = event.mode or Mode.CLOSED
    cause = Cause.FORCED if event.mode else Cause.RELEASED
    fresh = BreakerState(mode=after, openings=state.openings)
    return fresh, (*effects, Transition(now, state.mode, after, cause))


def _lease(
    state: BreakerState,
    event: LeaseRequest,
    now: float,
    config: BreakerConfig,
    effects: tuple[Effect, ...],
) -> tuple[BreakerState, tuple[Effect, ...]]:
    if state.mode is not Mode.HALF_OPEN or len(state.probes) >= config.max_probes:
        return state, (*effects, Refused(retry_after_s(state, now, config.max_probes)))
    probe = Probe(event.id, now, now + config.lease_s)
    return replace(state, probes=(*state.probes, probe)), (*effects, Granted(probe))


def _report(
    state: BreakerState,
    event: Report,
    now: float,
    config: BreakerConfig,
    effects: tuple[Effect, ...],
) -> tuple[BreakerState, tuple[Effect, ...]]:
    if state.mode in (Mode.FORCED_OPEN, Mode.FORCED_CLOSED):
        return state, effects
    is_probe = any(probe.id == event.lease for probe in state.probes)
    if is_probe:
        left = tuple(probe for probe in state.probes if probe.id != event.lease)
        state = replace(state, probes=left)
    if event.is_callers_fault:
        return state, effects
    wait = 0.0 if event.ok else min(event.retry_after or 0.0, config.max_retry_after_s)
    slow = config.slow_call_ms is not None and (event.latency_ms or 0.0) >= config.slow_call_ms
    if state.mode is Mode.CLOSED:
        state = _count_call(state, now, config, failed=not event.ok, slow=slow)
        cause = _find_cause(state, config, wait, failed=not event.ok, slow=slow)
    elif state.mode is Mode.OPEN:
        if wait:  # a late answer: wait longer, never shorter
            state = replace(state, open_for=max(state.open_for, now + wait - state.opened_at))
        return state, effects
    elif is_probe and event.ok and not slow:
        return _count_answer(state, now, config, effects)
    else:
        told = wait and config.retry_after_opens
        cause = Cause.PROBE_FAILED if is_probe else Cause.RETRY_AFTER if told else None
    if cause is None:
        return state, effects
    opened = _open(state, now, config, cause, wait)
    until = now + opened.open_for
    return opened, (*effects, Transition(now, state.mode, Mode.OPEN, cause, until))


def _count_answer(
    state: BreakerState, now: float, config: BreakerConfig, effects: tuple[Effect, ...]
) -> tuple[BreakerState, tuple[Effect, ...]]:
    if state.answered + 1 < config.probe_successes:
        return replace(state, answered=state.answered + 1), effects
    closed = BreakerState(openings=state.openings)
    return closed, (*effects, Transition(now, state.mode, Mode.CLOSED, Cause.PROBES_ANSWERED))


def _count_call(
    state: BreakerState, now: float, config: BreakerConfig, *, failed: bool, slow: bool
) -> BreakerState:
    """The state with one more call in its window, and without the parts that have left it."""
    width = config.window_s / config.buckets
    start = floor(now / width) * width
    calls, failures, slows = 1, int(failed), int(slow)
    kept = []
    for bucket in state.window:
        if bucket.start >= start:  # this part, or one that a clock ahead of ours began
            calls += bucket.calls
            failures += bucket.failures
            slows += bucket.slow
        elif bucket.start > start - config.window_s + width / 2:
            kept.append(bucket)
    kept = kept[max(0, len(kept) - config.buckets + 1) :]
    window = (*kept, Bucket(start, calls, failures, slows))
    return replace(state, window=window, consecutive=state.consecutive + 1 if failed else 0)


def _find_cause(
    state: BreakerState, config: BreakerConfig, wait: float, *, failed: bool, slow: bool
) -> Cause | None:
    """Why the call just counted opens the breaker. A call that is neither failed nor slow never."""
    if failed and state.consecutive >= config.consecutive_failures:
        return Cause.CONSECUTIVE_FAILURES
    calls = sum(bucket.calls for bucket in state.window)
    if calls >= config.min_calls:
        failures = sum(bucket.failures for bucket in state.window)
        if failed and failures >= config.failure_rate * calls:
            return Cause.FAILURE_RATE
        if slow and sum(b.slow for b in state.window) >= config.slow_rate * calls:
            return Cause.SLOW_CALLS
    return Cause.RETRY_AFTER if wait and config.retry_after_opens else None


def _open(
    state: BreakerState, now: float, config: BreakerConfig, cause: Cause, wait: float
) -> BreakerState:
    spread = 1.0 + config.jitter * _draw(config.seed, state.openings)
    attempts, open_for = state.attempts, wait * spread
    if cause is not Cause.RETRY_AFTER:
        attempts += 1
        open_for = config.open_s
        for _ in range(min(attempts, MAX_BACKOFFS) - 1):
            open_for = min(open_for * config.backoff, config.max_open_s)
        open_for = max(open_for, wait) * spread
    return BreakerState(
        mode=Mode.OPEN,
        opened_at=now,
        open_for=open_for,
        attempts=attempts,
        openings=state.openings + 1,
    )


def _draw(seed: int, n: int) -> float:
    """Number n of a stream in [0, 1), the same on every host (SplitMix64, Steele et al. 2014)."""
    mask = (1 << 64) - 1
    z = (seed + (n + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return ((z ^ (z >> 31)) >> 11) / (1 << 53)
