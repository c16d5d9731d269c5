"""Asking upstreams one after the other until one answers, and what their breakers are told."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from ...breaker.lease import Lease
from ...router import Router
from ..config.settings import GatewayConfig
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from .blame import RULES, BreakerEffect, assign_blame, lacks_endpoint
from .counters import GatewayCounters
from .fault import FaultKind, UpstreamFault
from .tries import Tries
from .usage import Usage

_T = TypeVar("_T")

UNCOUNTED: Final = 499
"""Status reported for a call that says nothing about the upstream: a 4xx, so no breaker counts it,
and the place of a probe is free again."""

UNAVAILABLE: Final = 503
"""Status reported for an upstream that the configuration does not fit."""

LEASE_S: Final = 1.0
"""So long an answer waits for a lease of a probe, which the store has to keep first."""

UNKNOWN_WAIT_S: Final = 60.0
"""What a client is told where a breaker is held open by hand."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[_T]):
    """An answer, who gave it, and what has to be reported about it."""

    answer: _T
    upstream: Upstream
    lease: Lease | None
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Forwarder:
    """Knows how often and how long to try.

    Args:
        router: its breakers are asked and told.
        config: tries and times, and whether there are breakers.
        now: seconds since 1970.
        sleep: waits so many seconds.
        counters: count each call.
        log: told in one line of each call that failed.
        rests: until when an upstream has asked to be left alone, by name; minded where there are
            no breakers. Handed from one config to the next.
    """

    router: Router
    config: GatewayConfig
    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]
    counters: GatewayCounters
    log: Callable[[str], object]
    rests: dict[str, float] = field(default_factory=dict)

    async def ask_breaker(self, upstream: Upstream) -> tuple[bool, Lease | None]:
        """Whether a call may go through, and the lease where it is a probe.

        Without breakers, a `Retry-After` is still waited for. A store that gives no lease in time
        gives none: the call goes elsewhere, and no answer waits for a slow disk.
        """
        if self.router.circuit_breaker_status(upstream.breaker) is not False:
            return self.rests.get(upstream.name, 0.0) <= self.now(), None
        try:
            async with asyncio.timeout(LEASE_S):
                lease = await self.router.lease(upstream.breaker)
        except TimeoutError:  # one that was stored all the same expires by itself
            return False, None
        return lease is not None, lease

    def build_unavailable(self, upstreams: Sequence[Upstream]) -> ApiError:
        """The error that says when to come back."""
        wait = self._find_wait(upstreams)
        names = ", ".join(one.name for one in upstreams)
        return ApiError(
            503,
            "No upstream is available: the circuit breaker of each that could answer is open: "
            f"{names}.",
            code="breakers_open",
            retry_after_s=UNKNOWN_WAIT_S if wait is None else wait,
        )

    def _find_wait(self, upstreams: Sequence[Upstream]) -> float | None:
        """Seconds until the first of these may be asked; None where nothing says so."""
        if self.config.breaker is not None:
            return self.router.retry_after_s(*(one.breaker for one in upstreams))
        rests = [self.rests[one.name] for one in upstreams if one.name in self.rests]
        return max(0.0, min(rests) - self.now()) if rests else None

    async def forward(
        self,
        upstreams: Sequence[Upstream],
        lease: Lease | None,
        attempt: Callable[[Upstream, float], Awaitable[_T]],
        add_failure: Callable[[Upstream, Usage | None], object] = lambda *_: None,
    ) -> Answered[_T]:
        """The first answer. A failed call is reported; for a good one the caller does.

        Args:
            upstreams: whom to ask, in order; the breaker of the first was asked just now.
            lease: for the first call, where it is a probe.
            attempt: one call to an upstream, in so many seconds.
            add_failure: told of a call that failed, and of the tokens that it says it used.

        Raises:
            ApiError: nobody answered.
        """
        ends_at = self.now() + self.config.limits.deadline_s
        tries = Tries()
        unvouched: list[tuple[Upstream, Lease | None, float, UpstreamFault]] = []
        passes = True
        try:
            for upstream in upstreams:
                for wait_s in self._draw_waits():
                    if not tries.is_empty and self.now() + wait_s >= ends_at:
                        break
                    if wait_s:
                        await self.sleep(wait_s)
                    if not tries.is_empty or upstream is not upstreams[0]:
                        passes, lease = await self.ask_breaker(upstream)
                    if not passes:
                        tries.pass_by(upstream)
                        break
                    begun = self.now()
                    left_s = max(0.0, ends_at - begun)
                    try:
                        answer = await attempt(upstream, min(left_s, upstream.timeout_s))
                    except UpstreamFault as fault:
                        if fault.kind is FaultKind.TIMEOUT and left_s < upstream.timeout_s:
                            fault = UpstreamFault(FaultKind.TOO_LATE)
                        tries.add(upstream, fault)
                        add_failure(upstream, fault.usage)
                        report = upstream, lease, self._measure_ms(begun), fault
                        if fault.is_ambiguous:
                            unvouched.append(report)
                        else:
                            self.report(*report)
                        if not RULES[assign_blame(fault)].asks_next:
                            raise tries.build_error(None) from None
                        if not fault.is_retryable:
                            break
                    except BaseException:
                        self.abandon(upstream, lease)
                        raise
                    else:
                        self._settle(unvouched, is_vouched=True)
                        return Answered(answer, upstream, lease, self._measure_ms(begun))
        finally:  # also where the client leaves while it waits
            self._settle(unvouched, is_vouched=False)
        if tries.is_empty:
            raise self.build_unavailable(upstreams)
        raise tries.build_error(self._find_wait(upstreams))

    def report(
        self,
        upstream: Upstream,
        lease: Lease | None,
        latency_ms: float,
        fault: UpstreamFault | None = None,
        *,
        is_counted: bool = True,
    ) -> None:
        """Tell breaker, counters and log what became of a call."""
        if fault is None:
            self.counters.count_call(upstream.name, "ok", 200)
            self.router.report(
                upstream.breaker, ok=True, latency_ms=latency_ms, status=200, lease=lease
            )
            return
        self.counters.count_call(upstream.name, str(fault.kind), fault.status)
        blame = assign_blame(fault)
        self.log(describe_failure(upstream, fault))
        status, wait_s = fault.status, fault.retry_after_s
        effect = RULES[blame].breaker if is_counted else BreakerEffect.NONE
        if effect is BreakerEffect.NONE:
            status, wait_s = UNCOUNTED, None
        elif effect is BreakerEffect.OPENS:
            status, wait_s = UNAVAILABLE, None
            if self.config.breaker is not None:
                wait_s = self.config.breaker.open_s
        elif status is not None and status < 500 and status not in (408, 429):
            status = None  # a redirect, or an error behind a 200
        if wait_s and self.config.breaker is None:
            self.rests[upstream.name] = self.now() + wait_s
        before = self.router.circuit_breaker_status(upstream.breaker)
        self.router.report(
            upstream.breaker,
            ok=False,
            latency_ms=latency_ms,
            status=status,
            retry_after=wait_s,
            lease=lease,
        )
        if before and self.router.circuit_breaker_status(upstream.breaker) is False:
            self.log(f"tiny-dancer gateway: upstream {upstream.name}: breaker open")

    def abandon(self, upstream: Upstream, lease: Lease | None) -> None:
        """Nobody waits for the answer: the probe's place is free again, and nothing is counted."""
        self.counters.count_call(upstream.name, "client_left")
        self.router.report(upstream.breaker, ok=False, status=UNCOUNTED, lease=lease)

    def _settle(
        self,
        reports: list[tuple[Upstream, Lease | None, float, UpstreamFault]],
        *,
        is_vouched: bool,
    ) -> None:
        """Report the 500s of a request; they count where another upstream could answer it.

        Else it may be the request that nobody can digest, and a breaker would open for everybody.
        """
        for report in reports:
            self.report(*report, is_counted=is_vouched)
        reports.clear()

    def _draw_waits(self) -> Iterator[float]:
        """Seconds before each try: none, then longer and longer, jittered by a quarter."""
        yield 0.0
        limits = self.config.limits
        for n in range(limits.retries):
            yield limits.backoff_s * 2**n * (0.75 + os.urandom(1)[0] / 512)

    def _measure_ms(self, begun: float) -> float:
        return max(0.0, (self.now() - begun) * 1e3)


def describe_failure(upstream: Upstream, fault: UpstreamFault) -> str:
    """One line for the log, without prompt or key."""
    blame, error = assign_blame(fault), fault.error.redact(upstream.key)
    facts = [f"upstream {upstream.name}: {fault.kind}"]
    if fault.status is not None:
        facts.append(f"status {fault.status}")
    if lacks_endpoint(fault):
        facts.append(f"does not serve /{fault.path}")
    facts.append(f"fault of the {blame}")
    if error.code or error.type:
        facts.append(f"code {_clean(error.code or error.type or '')}")
    request_id = fault.headers.get("x-request-id") or fault.headers.get("request-id")
    if request_id:
        facts.append(f"request {request_id}")
    if fault.cause:
        facts.append(_clean(fault.cause))
    if RULES[blame].logs_message and error.message:
        facts.append(_clean(error.message))
    return f"tiny-dancer gateway: {', '.join(facts)}"


def _clean(text: str) -> str:
    """A line of at most 200 printable characters."""
    return "".join(one if one.isprintable() else " " for one in text)[:200]
