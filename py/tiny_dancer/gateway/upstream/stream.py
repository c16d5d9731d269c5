"""A streamed answer on its way from the upstream to the client."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Final

from ..config.upstream import Upstream
from .call import StreamedAnswer
from .event_reader import EventReader
from .fault import FaultKind, UpstreamFault
from .fault_response import to_api_error
from .fetch import FetchError
from .sse import Comment, encode_event
from .usage import Usage

REST_S: Final = 0.5


async def open_relay(
    answer: StreamedAnswer,
    upstream: Upstream,
    reader: EventReader,
    *,
    ends_at: float,
    now: Callable[[], float],
    finish: Callable[[Usage | None, UpstreamFault | None], None],
) -> AsyncGenerator[bytes, None]:
    """The events, as they come. Where the upstream fails, the last one names the error.

    Args:
        answer: what is relayed.
        upstream: who gives it.
        reader: what becomes of each event.
        ends_at: when the stream has to be over.
        now: seconds since 1970.
        finish: called once, also where the client goes away (then without a fault).
    """
    events = _relay(answer, upstream, reader, ends_at, now, finish)
    await anext(events)  # it has begun, so that closing it before its first event lets go of all
    return events


async def _relay(
    answer: StreamedAnswer,
    upstream: Upstream,
    reader: EventReader,
    ends_at: float,
    now: Callable[[], float],
    finish: Callable[[Usage | None, UpstreamFault | None], None],
) -> AsyncGenerator[bytes, None]:
    fault: UpstreamFault | None = None
    try:
        yield b""
        events, is_over = answer.events, False
        while True:
            out: list[bytes] = []
            for data in events:
                if isinstance(data, Comment):
                    out.append(encode_event(data))
                    continue
                try:
                    out += reader.read(data)
                except UpstreamFault:
                    yield b"".join(out)
                    raise
                if reader.is_over:
                    yield b"".join(out)
                    await _read_rest(answer)
                    return
            if is_over:
                try:
                    out += reader.finish()
                except UpstreamFault:
                    yield b"".join(out)
                    raise
                yield b"".join(out)
                return
            if out:
                yield b"".join(out)
            piece = await _read_next(answer, upstream.stall_s, ends_at - now())
            is_over = piece is None
            events = answer.splitter.finish() if piece is None else answer.splitter.feed(piece)
    except UpstreamFault as error:
        fault = error
        yield b"".join(reader.fail(to_api_error(error, upstream)))
    finally:
        try:
            finish(reader.usage or (fault.usage if fault is not None else None), fault)
        finally:
            await answer.answer.aclose()


async def _read_next(answer: StreamedAnswer, stall_s: float, left_s: float) -> bytes | None:
    """The next piece; None where the body is over.

    Raises:
        UpstreamFault: there is none in time, or the body broke off.
    """
    try:
        async with asyncio.timeout(max(0.0, min(stall_s, left_s))):
            return await anext(answer.pieces, None)
    except TimeoutError:
        kind = FaultKind.STALLED if stall_s <= left_s else FaultKind.TOO_LATE
        raise UpstreamFault(kind) from None
    except FetchError as error:
        raise UpstreamFault(FaultKind.CUT, cause=str(error)) from None


async def _read_rest(answer: StreamedAnswer) -> None:
    """Read what follows the last event, usually nothing, so that the connection can be kept."""
    with suppress(TimeoutError, FetchError):
        async with asyncio.timeout(REST_S):
            async for _ in answer.pieces:
                pass
