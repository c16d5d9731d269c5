"""Every number a circuit breaker goes by, with its one default."""

from dataclasses import dataclass
from typing import Final

from ..checks import is_number, shown
from ..errors import InvalidInputError

MAX_PROBES: Final = 64
MAX_BUCKETS: Final = 60
"""Bounds of what a snapshot may hold."""


@dataclass(frozen=True, slots=True)
class BreakerConfig:
    """Settings of a circuit breaker. Durations are in seconds unless a name ends in `_ms`.

    Args:
        consecutive_failures: failures in a row that open it.
        window_s: length of the rolling window of the two rates.
        buckets: parts the window is counted in; it slides by one part at a time.
        min_calls: calls in the window below which no rate is looked at.
        failure_rate: share of failed calls in the window that opens it, in (0, 1].
        slow_call_ms: calls that took at least so long are slow; None looks at no time.
        slow_rate: share of slow calls in the window that opens it, in (0, 1].
        open_s: how long it stays open the first time.
        backoff: factor of that time for every further opening without a close between.
        max_open_s: bound of that product, before jitter.
        jitter: up to this share of the time is added, so that clients do not come back together.
        seed: where the jitter's numbers start; give every client another.
        retry_after_opens: one failure that carries Retry-After opens it for just that time.
        max_retry_after_s: what of a Retry-After is believed.
        max_probes: leases out at the same time while half-open.
        probe_successes: answered probes that close it.
        lease_s: how long a probe may take before its place is free again.

    Raises:
        InvalidInputError: a value is outside its range.
    """

    consecutive_failures: int = 5
    window_s: float = 60.0
    buckets: int = 10
    min_calls: int = 20
    failure_rate: float = 0.5
    slow_call_ms: float | None = 60_000.0
    slow_rate: float = 0.8
    open_s: float = 60.0
    backoff: float = 2.0
    max_open_s: float = 900.0
    jitter: float = 0.1
    seed: int = 0
    retry_after_opens: bool = True
    max_retry_after_s: float = 3600.0
    max_probes: int = 3
    probe_successes: int = 2
    lease_s: float = 60.0

    def __post_init__(self) -> None:
        """Check every range."""
        for name, high in _COUNTS.items():
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= high:
                raise InvalidInputError(
                    f"{name}: an int from 1 to {high} is needed, got {shown(value)}"
                )
        for name, (low, top) in _NUMBERS.items():
            value = getattr(self, name)
            if name == "slow_call_ms" and value is None:
                continue
            if not is_number(value) or not low <= value <= top:
                raise InvalidInputError(
                    f"{name}: a number from {low:g} to {top:g} is needed, got {shown(value)}"
                )
        if type(self.seed) is not int or type(self.retry_after_opens) is not bool:
            raise InvalidInputError("seed: an int is needed, and retry_after_opens a bool")
        if self.max_open_s < self.open_s:
            raise InvalidInputError(
                f"max_open_s: at least open_s ({self.open_s:g}) is needed, got {self.max_open_s:g}"
            )


_COUNTS: Final = {
    "consecutive_failures": 10_000,
    "buckets": MAX_BUCKETS,
    "min_calls": 1_000_000,
    "max_probes": MAX_PROBES,
    "probe_successes": 1_000,
}
_RATE: Final = (1e-9, 1.0)
_DAY: Final = 86_400.0
_NUMBERS: Final = {
    "window_s": (0.001, _DAY),
    "failure_rate": _RATE,
    "slow_call_ms": (0.001, _DAY * 1e3),
    "slow_rate": _RATE,
    "open_s": (0.001, _DAY),
    "backoff": (1.0, 100.0),
    "max_open_s": (0.001, _DAY),
    "jitter": (0.0, 1.0),
    "max_retry_after_s": (0.0, _DAY),
    "lease_s": (0.001, _DAY),
}
