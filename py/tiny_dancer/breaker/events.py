"""What a breaker is told, and what it answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, TypedDict

from ..checks import is_number, shown
from ..errors import InvalidInputError
from .state import Mode, Probe

COUNTED_4XX: Final = (408, 429)
"""Statuses below 500 that are the upstream's doing; the other 4xx are the caller's fault."""


class CallFields(TypedDict, total=False):
    """What may be known of a call, beside whether it was answered.

    Attributes:
        latency_ms: milliseconds it took.
        status: HTTP status; a 4xx other than 408 and 429 is the caller's fault, not counted.
        retry_after: seconds the upstream asked to wait.
    """

    latency_ms: float | None
    status: int | None
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a call.

    Args:
        ok: True where the model answered.
        latency_ms, status, retry_after: as in `CallFields`; None where it is not known.
        lease: id of the probe's lease, for a probe.

    Raises:
        InvalidInputError: a number is not finite or negative.
    """

    ok: bool
    latency_ms: float | None = None
    status: int | None = None
    retry_after: float | None = None
    lease: str | None = None

    def __post_init__(self) -> None:
        """Check what came from outside."""
        if type(self.ok) is not bool:
            raise InvalidInputError(f"ok: a bool is needed, got {shown(self.ok, 40)}")
        for name in ("latency_ms", "status", "retry_after"):
            value = getattr(self, name)
            if value is not None and not (is_number(value) and value >= 0):
                got = shown(value, 40)
                raise InvalidInputError(f"{name}: a number from 0 is needed, got {got}")

    @property
    def is_callers_fault(self) -> bool:
        """True for a 4xx that says nothing about the upstream's health."""
        status = self.status
        return (
            not self.ok and status is not None and 400 <= status < 500 and status not in COUNTED_4XX
        )


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """Somebody wants to send a probe. `id` is the caller's, unique among the leases out."""

    id: str


@dataclass(frozen=True, slots=True)
class Force:
    """Hold the breaker `FORCED_OPEN` or `FORCED_CLOSED`; None sets it free, closed and empty."""

    mode: Mode | None

    def __post_init__(self) -> None:
        """Only the two forced modes can be forced."""
        if self.mode not in (None, Mode.FORCED_OPEN, Mode.FORCED_CLOSED):
            got = shown(self.mode, 40)
            raise InvalidInputError(f"mode: forced_open, forced_closed or None, got {got}")


@dataclass(frozen=True, slots=True)
class Tick:
    """The clock was looked at: times stored that lie ahead of it are brought back to it."""


Event: TypeAlias = Report | LeaseRequest | Force | Tick


class Cause(StrEnum):
    """Why a breaker changed its mode."""

    CONSECUTIVE_FAILURES = "consecutive_failures"
    FAILURE_RATE = "failure_rate"
    SLOW_CALLS = "slow_calls"
    RETRY_AFTER = "retry_after"
    TIME_OVER = "time_over"
    PROBE_FAILED = "probe_failed"
    PROBES_ANSWERED = "probes_answered"
    FORCED = "forced"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Transition:
    """The record of one change of mode.

    Attributes:
        at: when, in seconds.
        before: the mode until then.
        after: the mode since then.
        cause: why.
        until: end of the open period in seconds; None for the other modes.
    """

    at: float
    before: Mode
    after: Mode
    cause: Cause
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """The lease that was asked for: the probe may be sent."""

    probe: Probe


@dataclass(frozen=True, slots=True)
class Refused:
    """No lease. `retry_after_s`: when to ask again, in seconds; None where nobody can tell."""

    retry_after_s: float | None


Effect: TypeAlias = Transition | Granted | Refused
