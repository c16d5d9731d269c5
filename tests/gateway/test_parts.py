"""The pure parts: events, times to wait, thresholds, the map of conversations."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from gateway.pages import PAGE, filled
from responses import make_response

from tiny_dancer import Reason, Router
from tiny_dancer.gateway.config.settings import GatewayConfig, Limits
from tiny_dancer.gateway.config.upstream import Upstream
from tiny_dancer.gateway.routing.headers import build_decision_headers
from tiny_dancer.gateway.routing.sessions import Sessions
from tiny_dancer.gateway.upstream.counters import GatewayCounters
from tiny_dancer.gateway.upstream.fault import FaultKind, UpstreamFault
from tiny_dancer.gateway.upstream.forwarder import Forwarder
from tiny_dancer.gateway.upstream.retry_after import read_retry_after
from tiny_dancer.gateway.upstream.sse import Comment, EventSplitter, encode_event
from tiny_dancer.gateway.upstream.usage import read_usage
from tiny_dancer.gateway.versions import SharedVersions
from tiny_dancer.history import MemoryStore

THIRD_PARTY = """
import sys
from tiny_dancer.gateway import *
print(*sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)))
"""


def test_the_core_needs_the_standard_library_alone():
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(PACKAGE)!r}){THIRD_PARTY}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["__main__", "tiny_dancer"]


def test_a_models_name_of_any_letters_fits_into_a_header():
    response = make_response("a-1", "large", Reason.FORCED)
    headers = build_decision_headers(response, "großes Modell\n")
    assert headers["x-tiny-dancer-decision"] == "gro%C3%9Fes Modell%0A"
    assert headers["x-tiny-dancer-reason"] == "forced" and len(headers) == 3


PACKAGE = Path(__file__).parents[2] / "py"
MAX_EVENT_BYTES = Limits().event_bytes
STREAM = (
    b': hello\n\ndata: {"a": 1}\n\n'
    b"event: x\r\ndata:two\r\ndata: lines\r\n\r\nid: 7\n\ndata: [DONE]\n\n"
)
EVENTS = [Comment(b" hello"), b'{"a": 1}', b"two\nlines", b"[DONE]"]


@pytest.mark.parametrize("size", range(1, len(STREAM) + 1))
def test_events_come_out_whole_however_the_bytes_come_in(size):
    splitter = EventSplitter(MAX_EVENT_BYTES)
    pieces = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert [data for piece in pieces for data in splitter.feed(piece)] == EVENTS


def test_an_event_that_is_written_is_read_again():
    assert [EventSplitter(MAX_EVENT_BYTES).feed(encode_event(data)) for data in EVENTS] == [
        [data] for data in EVENTS
    ]


def test_an_event_without_end_is_given_up():
    splitter = EventSplitter(MAX_EVENT_BYTES)
    with pytest.raises(UpstreamFault) as caught:
        for _ in range(20):
            splitter.feed(b"x" * (MAX_EVENT_BYTES // 16))
    assert caught.value.kind is FaultKind.TOO_LARGE


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


def test_the_map_of_conversations_is_bounded_and_each_callers_own():
    sessions = Sessions(2)
    assert sessions.escalate("me", "c", 1) == 1
    assert sessions.escalate("me", "c", 0) == 1
    assert sessions.escalate("you", "c", 0) == 0
    assert sessions.escalate("me", None, 0) == sessions.escalate("me", "x" * 201, 0) == 0
    sessions.escalate("me", "d", 0)  # pushes out the one not heard of for longest
    assert sessions.escalate("me", "c", 0) == 0


@pytest.mark.parametrize(
    ("answer", "usage"),
    [
        ({"usage": {"prompt_tokens": 3, "completion_tokens": 4}}, (3, 4)),
        ({"usage": {"prompt_tokens": 3}}, (3, 0)),
        ({"usage": {"prompt_tokens": -3}}, None),
        ({"usage": {"prompt_tokens": 1.5}}, None),
        ({"usage": {"prompt_tokens": True}}, None),
        ({"usage": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_usage_is_two_whole_numbers_or_none(answer, usage):
    assert read_usage(answer) == usage


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


def test_processes_learn_of_each_others_changes_once():
    async def play():
        store = MemoryStore()
        one, other = SharedVersions(), SharedVersions()
        await other.find_changes(store)
        await one.announce(store, "bundle")
        await one.announce(store, "bundle")
        assert await other.find_changes(store) == {"bundle"}
        assert await other.find_changes(store) == await one.find_changes(store) == set()
        await other.announce(store, "candidates")
        assert await one.find_changes(store) == {"candidates"}

    asyncio.run(play())


def test_a_look_is_due_every_five_seconds():
    versions = SharedVersions()
    assert [versions.is_due(t) for t in (10, 11, 14.9, 15, 16, 3)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]


def test_the_pages_tables_are_those_of_the_results_files():
    page = PAGE.read_text("utf-8")
    assert filled(page) == page
