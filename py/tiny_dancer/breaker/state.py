"""What is known about one upstream model, and what can be read from it. Reading changes nothing."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What a breaker does with calls."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    FORCED_OPEN = "forced_open"
    FORCED_CLOSED = "forced_closed"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Calls of one part of the rolling window, which begins at `start` (seconds)."""

    start: float
    calls: int
    failures: int
    slow: int


@dataclass(frozen=True, slots=True)
class Probe:
    """A call that was let through while half-open.

    Attributes:
        id: of its lease.
        granted_at: seconds.
        expires_at: seconds; from then on its place is free again.
    """

    id: str
    granted_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A breaker's memory. Times are seconds of the caller's clock; there are no timers.

    Attributes:
        mode: as of the last event; `mode_at` knows what has become of it since.
        consecutive: failures in a row.
        window: the parts of the rolling window with calls in them, oldest first.
        opened_at: when it opened.
        open_for: how long it stays open from then, in seconds.
        attempts: openings since it was last closed, for the back-off.
        openings: openings ever, for the jitter.
        probes: those under way.
        answered: probes of this half-open period that were answered.
    """

    mode: Mode = Mode.CLOSED
    consecutive: int = 0
    window: tuple[Bucket, ...] = ()
    opened_at: float = 0.0
    open_for: float = 0.0
    attempts: int = 0
    openings: int = 0
    probes: tuple[Probe, ...] = ()
    answered: int = 0


def mode_at(state: BreakerState, now: float) -> Mode:
    """The mode at this time: an open breaker whose time is over is half-open."""
    if state.mode is Mode.OPEN and now - state.opened_at >= state.open_for:
        return Mode.HALF_OPEN
    return state.mode


def is_healthy(state: BreakerState, now: float) -> bool:
    """True where calls may go to the model without a lease."""
    return mode_at(state, now) in (Mode.CLOSED, Mode.FORCED_CLOSED)


def retry_after_s(state: BreakerState, now: float, max_probes: int = 1) -> float | None:
    """Seconds until a probe may be let through.

    0 where one may be already, None where nobody can tell (forced open).

    Args:
        state: the breaker's.
        now: seconds.
        max_probes: probes that may be under way at the same time (`BreakerConfig.max_probes`).
    """
    mode = mode_at(state, now)
    if mode is Mode.FORCED_OPEN:
        return None
    if mode is Mode.OPEN:  # a clock that went back must not make the wait longer than it ever was
        return min(state.opened_at + state.open_for - now, state.open_for)
    if mode is Mode.HALF_OPEN:
        waits = sorted(
            min(probe.expires_at - now, probe.expires_at - probe.granted_at)
            for probe in state.probes
            if now < probe.expires_at
        )
        if len(waits) >= max_probes:
            return waits[len(waits) - max_probes]
    return 0.0
