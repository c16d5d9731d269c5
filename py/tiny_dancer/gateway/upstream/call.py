"""One call to an upstream, up to a whole answer or to the first event of a streamed one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..config.settings import Limits
from ..config.upstream import Upstream
from ..http.json_text import dump_compact, parse_object
from .error_body import find_error, read_error
from .fault import FaultKind, UpstreamFault
from .fetch import Answer, Call, Fetch, FetchError
from .retry_after import read_retry_after
from .sse import DONE, Comment, EventSplitter
from .usage import Usage, read_usage
from .wire import Wire

USER_AGENT: Final = "tiny-dancer-gateway"
MAX_HEADER_CHARS: Final = 256
MAX_ERROR_BYTES: Final = 64 << 10
"""Of the body of an answer that is an error; more of it says nothing more."""


@dataclass(frozen=True, slots=True)
class WholeAnswer:
    """A complete answer.

    Attributes:
        body: JSON as it came.
        value: the object that it says.
        usage: what it says about its tokens.
        headers: those that are handed on.
    """

    body: bytes
    value: dict[str, Any]
    usage: Usage | None
    headers: Mapping[str, str]


@dataclass(slots=True)
class StreamedAnswer:
    """A streamed answer whose first event, or a comment before it, is here.

    Attributes:
        answer: the upstream's, to be closed.
        pieces: the rest of its body.
        splitter: what cuts it into events.
        events: data of the events that are here already, at least one.
        headers: those that are handed on.
    """

    answer: Answer
    pieces: AsyncIterator[bytes]
    splitter: EventSplitter
    events: list[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls.

    Args:
        fetch: reaches an upstream.
        limits: bounds of what comes back.
        now: seconds since 1970.
    """

    fetch: Fetch
    limits: Limits
    now: Callable[[], float]

    async def fetch_whole(self, call: Call, seconds: float, wire: Wire) -> WholeAnswer:
        """The complete answer.

        Args:
            call: what to send.
            seconds: for all of it.
            wire: what an answer looks like.

        Raises:
            UpstreamFault: there is none.
        """
        try:
            async with asyncio.timeout(seconds):
                answer = await self.fetch(call)
                try:
                    body = await self._read_body(answer, wire)
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise UpstreamFault(FaultKind.TIMEOUT) from None
        except FetchError as error:
            raise _to_fault(error) from None
        headers = pick_headers(answer.headers)
        value = parse_answer(body, headers, wire.read_usage)
        usage = wire.read_usage(value)
        if not wire.is_answer(value):
            raise UpstreamFault(FaultKind.GARBAGE, headers=headers, usage=usage)
        body = body.removeprefix(b"\xef\xbb\xbf")
        return WholeAnswer(body, value, usage, headers)

    async def open_stream(self, call: Call, seconds: float, wire: Wire) -> StreamedAnswer:
        """A streamed answer, once its first event is here; the rest is as for `fetch_whole`.

        A comment before it is as good: the client shall see that its request is alive.
        """
        try:
            async with asyncio.timeout(seconds):
                answer = await self.fetch(call)
                try:
                    return await self._read_first_events(answer, wire)
                except BaseException:
                    await answer.aclose()
                    raise
        except TimeoutError:
            raise UpstreamFault(FaultKind.TIMEOUT) from None
        except FetchError as error:
            raise _to_fault(error) from None

    async def _read_first_events(self, answer: Answer, wire: Wire) -> StreamedAnswer:
        headers = pick_headers(answer.headers)
        is_json = "json" in answer.headers.get("content-type", "").lower()
        if not 200 <= answer.status < 300 or is_json:
            body = await self._read_body(answer, wire)
            value = parse_answer(body, headers, wire.read_usage)  # it may name an error
            raise UpstreamFault(FaultKind.GARBAGE, headers=headers, usage=wire.read_usage(value))
        splitter, pieces = EventSplitter(self.limits.event_bytes), answer.pieces()
        has_bytes = False
        try:
            async for piece in pieces:
                has_bytes = has_bytes or bool(piece)
                if events := splitter.feed(piece):
                    check_first_event(events, headers, wire)
                    return StreamedAnswer(answer, pieces, splitter, events, headers)
        except FetchError:
            raise UpstreamFault(FaultKind.CUT, headers=headers) from None
        if events := splitter.finish():
            check_first_event(events, headers, wire)
            return StreamedAnswer(answer, pieces, splitter, events, headers)
        kind = FaultKind.GARBAGE if has_bytes else FaultKind.CUT
        raise UpstreamFault(kind, headers=headers)

    async def _read_body(self, answer: Answer, wire: Wire) -> bytes:
        """The body of an answer with a status of success.

        Raises:
            UpstreamFault: another status, too many bytes, or broken off.
        """
        is_well = 200 <= answer.status < 300
        parts, size = [], 0
        try:
            async for piece in answer.pieces():
                size += len(piece)
                if is_well and size > self.limits.answer_bytes:
                    raise UpstreamFault(FaultKind.TOO_LARGE)
                parts.append(piece)
                if not is_well and size > MAX_ERROR_BYTES:
                    break
        except FetchError as error:
            if is_well:
                raise UpstreamFault(FaultKind.CUT, cause=str(error)) from None
        body = b"".join(parts)
        if not is_well:
            most_s = self.limits.retry_after_s
            raise UpstreamFault(
                FaultKind.STATUS,
                answer.status,
                retry_after_s=read_retry_after(answer.headers, self.now(), most_s),
                error=read_error(body),
                headers=pick_headers(answer.headers),
                path=wire.path,
            )
        return body


def build_call(
    upstream: Upstream,
    wire: Wire,
    body: Mapping[str, Any],
    handed_on: Mapping[str, str] | None = None,
) -> Call:
    """The call that asks an upstream.

    Args:
        upstream: who is asked.
        wire: the format it is asked in.
        body: the request in that format.
        handed_on: of the client's headers those that go along; none where left out.
    """
    headers = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "accept-encoding": "gzip, br",
        "user-agent": USER_AGENT,
        **wire.headers,
        **(handed_on or {}),
        **upstream.headers,
    }
    if upstream.key is not None:
        name, prefix = AUTHORIZATIONS[upstream.auth or wire.auth]
        headers[name] = f"{prefix}{upstream.key}"
    payload = {**body, "model": upstream.model}
    if upstream.effort is not None and wire.effort:
        _set_effort(payload, wire.effort, upstream.effort)
    if wire.has_stream_options and body.get("stream") and upstream.stream_usage:
        options = body.get("stream_options")
        options = options if isinstance(options, dict) else {}
        payload["stream_options"] = {**options, "include_usage": True}
    return Call(upstream.build_url(wire.path), headers, dump_compact(payload))


def _set_effort(payload: dict[str, Any], way: tuple[str, ...], effort: str) -> None:
    """Put the effort where the format has it; what else stands beside it stays."""
    *above, last = way
    for name in above:
        value = payload.get(name)
        payload[name] = dict(value) if isinstance(value, dict) else {}
        payload = payload[name]
    payload[last] = effort


AUTHORIZATIONS: Final = {
    "bearer": ("authorization", "Bearer "),
    "api-key": ("api-key", ""),
    "x-api-key": ("x-api-key", ""),
}
"""How a key goes up: name of the header, and what stands before the key."""


def parse_answer(
    data: bytes,
    headers: Mapping[str, str],
    read_usage: Callable[[Mapping[str, Any]], Usage | None] = read_usage,
) -> dict[str, Any]:
    """The JSON object of an answer or of an event.

    Raises:
        UpstreamFault: it is none, or it names an error.
    """
    try:
        value = parse_object(data)
    except ValueError:
        raise UpstreamFault(FaultKind.GARBAGE, headers=headers) from None
    if "choices" in value and not value.get("error"):  # nearly always
        return value
    error = find_error(value)
    if error is not None:
        raise UpstreamFault(
            FaultKind.UPSTREAM_ERROR, error=error, headers=headers, usage=read_usage(value)
        )
    return value


def check_first_event(events: list[bytes], headers: Mapping[str, str], wire: Wire) -> None:
    """See that a stream begins as an answer does.

    Raises:
        UpstreamFault: it begins with an error, with what is no chunk, or with its end.
    """
    if isinstance(events[0], Comment):
        return
    if events[0].strip() == DONE:
        raise UpstreamFault(FaultKind.CUT, headers=headers)
    value = parse_answer(events[0], headers, wire.read_usage)
    if not wire.is_beginning(value):
        raise UpstreamFault(FaultKind.GARBAGE, headers=headers, usage=wire.read_usage(value))


def pick_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What of an upstream's headers a client gets: the request's id and the limits of rates."""
    return {
        name: value[:MAX_HEADER_CHARS]
        for name, value in headers.items()
        if (name in ("x-request-id", "request-id") or "ratelimit" in name)
        and value.isascii()
        and value.isprintable()
    }


def _to_fault(error: FetchError) -> UpstreamFault:
    kind = FaultKind.EXHAUSTED if error.is_local else FaultKind.UNREACHABLE
    return UpstreamFault(kind, cause=str(error))
