"""One call to an upstream, up to a whole answer or to the first event of a streamed one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..http.compact import compact
from ..http.json_object import json_object
from .fault import FaultKind, UpstreamFault, retry_after_s
from .fetch import Answer, Call, Fetch, FetchError
from .sse import DONE, EventSplitter
from .upstream import Upstream
from .usage import Usage, usage_of


@dataclass(frozen=True, slots=True)
class Whole:
    """A complete answer: its bytes as they came, and what it says about its tokens."""

    body: bytes
    usage: Usage | None
    headers: Mapping[str, str]


@dataclass(slots=True)
class Opened:
    """A streamed answer whose first events are here.

    Attributes:
        answer: the upstream's, to be closed.
        pieces: the rest of its body.
        splitter: what cuts it into events.
        events: data of the events that are here already, at least one.
    """

    answer: Answer
    pieces: AsyncIterator[bytes]
    splitter: EventSplitter
    events: list[bytes]


def call_of(upstream: Upstream, path: str, body: Mapping[str, Any]) -> Call:
    """The call that asks an upstream; of the client's headers none goes along."""
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    if upstream.key is not None:
        headers["authorization"] = f"Bearer {upstream.key}"
    payload = {**body, "model": upstream.model}
    if body.get("stream") and upstream.stream_usage:
        options = body.get("stream_options")
        options = options if isinstance(options, dict) else {}
        payload["stream_options"] = {**options, "include_usage": True}
    return Call(f"{upstream.base_url}/{path}", headers, compact(payload))


async def whole(
    fetch: Fetch, call: Call, seconds: float, most: int, now: Callable[[], float]
) -> Whole:
    """The complete answer.

    Args:
        fetch: reaches the upstream.
        call: what to send.
        seconds: for all of it.
        most: bytes of the answer.
        now: seconds since 1970.

    Raises:
        UpstreamFault: there is none.
    """
    try:
        async with asyncio.timeout(seconds):
            answer = await fetch(call)
            try:
                body = await _checked_body(answer, most, now)
            finally:
                await answer.aclose()
    except TimeoutError:
        raise UpstreamFault(FaultKind.TIMEOUT) from None
    except FetchError:
        raise UpstreamFault(FaultKind.UNREACHABLE) from None
    return Whole(body, usage_of(_object(body)), answer.headers)


async def opened(
    fetch: Fetch, call: Call, seconds: float, most: int, now: Callable[[], float]
) -> Opened:
    """A streamed answer, once its first event is here. Arguments and errors as for `whole`."""
    try:
        async with asyncio.timeout(seconds):
            answer = await fetch(call)
            try:
                return await _first_events(answer, most, now)
            except BaseException:
                await answer.aclose()
                raise
    except TimeoutError:
        raise UpstreamFault(FaultKind.TIMEOUT) from None
    except FetchError:
        raise UpstreamFault(FaultKind.UNREACHABLE) from None


async def _first_events(answer: Answer, most: int, now: Callable[[], float]) -> Opened:
    if answer.status != 200:
        await _checked_body(answer, most, now)
        raise UpstreamFault(FaultKind.STATUS, answer.status)
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):
        raise UpstreamFault(FaultKind.GARBAGE)
    pieces, splitter = answer.pieces(), EventSplitter()
    try:
        async for piece in pieces:
            events = splitter.feed(piece)
            if events:
                if events[0] != DONE and is_error(_object(events[0])):
                    raise UpstreamFault(FaultKind.UPSTREAM_ERROR)
                return Opened(answer, pieces, splitter, events)
    except FetchError:
        pass
    raise UpstreamFault(FaultKind.CUT)


async def _checked_body(answer: Answer, most: int, now: Callable[[], float]) -> bytes:
    """The body of an answer with status 200.

    Raises:
        UpstreamFault: another status, too many bytes, or broken off.
    """
    parts, size = [], 0
    try:
        async for piece in answer.pieces():
            size += len(piece)
            if size > most:
                raise UpstreamFault(FaultKind.HUGE)
            parts.append(piece)
    except FetchError:
        if answer.status < 400:
            raise UpstreamFault(FaultKind.CUT) from None
    body = b"".join(parts)
    if answer.status != 200:
        wait = retry_after_s(answer.headers, now())
        raise UpstreamFault(FaultKind.STATUS, answer.status, wait, body)
    return body


def _object(data: bytes) -> dict[str, Any]:
    """The JSON object.

    Raises:
        UpstreamFault: it is none.
    """
    try:
        return json_object(data)
    except ValueError:
        raise UpstreamFault(FaultKind.GARBAGE) from None


def is_error(value: dict[str, Any]) -> bool:
    """True for the object that names an error."""
    return bool(value.get("error")) and "choices" not in value
