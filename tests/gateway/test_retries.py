"""Waits between tries, the next upstream, the deadline."""

import asyncio

import pytest

from tiny_dancer import Router
from tiny_dancer.gateway.config.settings import GatewayConfig, Limits
from tiny_dancer.gateway.config.upstream import Upstream
from tiny_dancer.gateway.upstream.counters import GatewayCounters
from tiny_dancer.gateway.upstream.fault import FaultKind, UpstreamFault
from tiny_dancer.gateway.upstream.forwarder import Forwarder
from tiny_dancer.gateway.upstream.retry_after import read_retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("2.5", 2.5),
        ("999999999", 3600.0),
        ("Fri, 13 Feb 2009 23:31:40 GMT", 10.0),
        ("Fri, 13 Feb 2009 23:31:20 GMT", 0.0),
        ("Fri, 31 Feb 2009 23:31:20 GMT", None),
        ("Fri, 13 Foo 2009 23:31:20 GMT", None),
        ("soon", None),
        ("-1", None),
        ("1e9", None),
        ("", None),
        ("\u0663", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert read_retry_after({"retry-after": value}, 1_234_567_890, 3600.0) == seconds


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self):
        self.time = 1_000.0
        self.waits = []

    def now(self):
        return self.time

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.time += seconds


def forwarded(limits, faults, upstreams):
    """Waits and calls until an upstream answers; each fault takes its seconds."""
    clock, calls = Clock(), []
    forwarder = Forwarder(
        Router(),
        GatewayConfig(tuple(upstreams), limits=limits),
        clock.now,
        clock.sleep,
        GatewayCounters(),
        str,
    )

    async def attempt(upstream, seconds):
        calls.append((upstream.name, seconds))
        if not faults:
            return "answer"
        kind, takes = faults.pop(0)
        clock.time += takes
        raise UpstreamFault(kind)

    try:
        answer = asyncio.run(forwarder.forward(upstreams, None, attempt)).answer
    except Exception as error:
        answer = error
    return answer, calls, clock.waits


SMALL = Upstream("small", "http://a", "m", serves="light", timeout_s=50)
BIG = Upstream("big", "http://b", "m", serves="powerful", timeout_s=50)


def test_tries_wait_twice_as_long_each_time_then_the_next_is_asked():
    faults = [(FaultKind.UNREACHABLE, 0)] * 4
    answer, calls, waits = forwarded(Limits(retries=3, backoff_s=1.0), faults, (SMALL, BIG))
    assert answer == "answer" and [name for name, _ in calls] == ["small"] * 4 + ["big"]
    assert all(0.75 * 2**n <= wait <= 1.25 * 2**n for n, wait in enumerate(waits))
    assert len(waits) == 3


def test_what_does_not_pass_is_not_tried_again():
    for kind in (FaultKind.TIMEOUT, FaultKind.GARBAGE, FaultKind.UPSTREAM_ERROR):
        _, calls, waits = forwarded(Limits(retries=3), [(kind, 0)], (SMALL, BIG))
        assert [name for name, _ in calls] == ["small", "big"] and not waits


def test_nothing_goes_beyond_the_deadline():
    faults = [(FaultKind.TIMEOUT, 50)] * 4
    answer, calls, _ = forwarded(Limits(deadline_s=80), faults, (SMALL, BIG))
    assert [seconds for _, seconds in calls] == [50, 30]
    assert answer.status == 504
    faults = [(FaultKind.UNREACHABLE, 79.9)] * 2
    _, calls, waits = forwarded(Limits(deadline_s=80, backoff_s=1), faults, (SMALL,))
    assert len(calls) == 1 and not waits
