"""Trying upstreams one after the other until one answers."""

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ...breaker.lease import Lease
from ...router import Router
from ..config.settings import Limits
from ..counts import Counts
from ..routing.decision import admitted, unavailable
from .fault import UpstreamFault
from .upstream import Upstream

_T = TypeVar("_T")

CLIENT_LEFT = 499
"""Status reported for a call that nobody waits for any more: a 4xx, so no breaker counts it."""


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
        limits: tries and times.
        now: seconds since 1970.
        sleep: waits so many seconds.
        counts: counts each call.
    """

    router: Router
    limits: Limits
    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]
    counts: Counts

    async def forward(
        self,
        upstreams: Sequence[Upstream],
        lease: Lease | None,
        attempt: Callable[[Upstream, float], Awaitable[_T]],
    ) -> Answered[_T]:
        """The first answer. A failed call is reported; for a good one the caller does.

        Args:
            upstreams: whom to ask, in order; the first was `admitted` just now.
            lease: for the first call, where it is a probe.
            attempt: one call to an upstream, in so many seconds.

        Raises:
            ApiError: nobody answered.
            UpstreamFault: the client's own fault, as the upstream words it.
        """
        ends_at = self.now() + self.limits.deadline_s
        failed: tuple[UpstreamFault, Upstream] | None = None
        passes = True
        for upstream in upstreams:
            for wait_s in self._waits():
                if failed and self.now() + wait_s >= ends_at:
                    break
                if wait_s:
                    await self.sleep(wait_s)
                if failed or upstream is not upstreams[0]:
                    passes, lease = await admitted(self.router, upstream)
                if not passes:
                    break
                begun = self.now()
                left_s = max(0.0, ends_at - begun)
                try:
                    answer = await attempt(upstream, min(left_s, upstream.timeout_s))
                except UpstreamFault as fault:
                    self.report(upstream, lease, self._since(begun), fault)
                    if fault.is_clients:
                        raise
                    failed = fault, upstream
                    if not fault.is_passing:
                        break
                except BaseException:
                    self.abandon(upstream, lease)
                    raise
                else:
                    return Answered(answer, upstream, lease, self._since(begun))
        if failed is None:
            raise unavailable(self.router, upstreams)
        last, upstream = failed
        raise last.error(upstream)

    def report(
        self,
        upstream: Upstream,
        lease: Lease | None,
        latency_ms: float,
        fault: UpstreamFault | None = None,
    ) -> None:
        """Tell breaker and counters what became of a call."""
        self.counts.called(upstream.name, str(fault.kind) if fault else "ok")
        self.router.report(
            upstream.breaker,
            ok=fault is None,
            latency_ms=latency_ms,
            status=fault.status if fault else 200,
            retry_after=fault.retry_after_s if fault else None,
            lease=lease,
        )

    def abandon(self, upstream: Upstream, lease: Lease | None) -> None:
        """Nobody waits for the answer: the probe's place is free again, and nothing is counted."""
        self.counts.called(upstream.name, "client_left")
        self.router.report(upstream.breaker, ok=False, status=CLIENT_LEFT, lease=lease)

    def _waits(self) -> Iterator[float]:
        """Seconds before each try: none, then longer and longer, jittered by a quarter."""
        yield 0.0
        for n in range(self.limits.retries):
            yield self.limits.backoff_s * 2**n * (0.75 + os.urandom(1)[0] / 512)

    def _since(self, begun: float) -> float:
        return max(0.0, (self.now() - begun) * 1e3)
