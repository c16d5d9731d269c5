"""A streamed answer on its way from the upstream to the client."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any, Final

from ..http.compact import compact
from ..http.json_object import json_object
from .call import Opened, is_error
from .fault import FaultKind, UpstreamFault
from .fetch import FetchError
from .sse import DONE, event
from .upstream import Upstream
from .usage import Usage, usage_of

REST_S: Final = 0.5


async def relay(
    opened: Opened,
    upstream: Upstream,
    *,
    hides_usage: bool,
    ends_at: float,
    now: Callable[[], float],
    finished: Callable[[Usage | None, UpstreamFault | None], None],
) -> AsyncGenerator[bytes, None]:
    """The events, as they come. Where the upstream fails, the last one names the error.

    Args:
        opened: the answer.
        upstream: who gives it.
        hides_usage: True where the gateway, not the client, asked for the event with the usage.
        ends_at: when the stream has to be over.
        now: seconds since 1970.
        finished: called once, also where the client goes away (then without a fault).
    """
    usage: Usage | None = None
    fault: UpstreamFault | None = None
    try:
        events = opened.events
        while True:
            out: list[bytes] = []
            for data in events:
                if data == DONE:
                    yield b"".join((*out, event(DONE)))
                    await _rest(opened)
                    return
                value = _parsed(data)
                said = usage_of(value)
                usage = said or usage
                if value is None or is_error(value):
                    yield b"".join(out)
                    raise UpstreamFault(
                        FaultKind.GARBAGE if value is None else FaultKind.UPSTREAM_ERROR
                    )
                if not (said and hides_usage and not value.get("choices")):
                    out.append(event(data))
            if out:
                yield b"".join(out)
            events = opened.splitter.feed(await _next(opened, upstream.stall_s, ends_at - now()))
    except UpstreamFault as error:
        fault = error
        yield event(compact(error.error(upstream).body))
    finally:
        try:
            finished(usage, fault)
        finally:
            await opened.answer.aclose()


async def _next(opened: Opened, stall_s: float, left_s: float) -> bytes:
    """The next piece.

    Raises:
        UpstreamFault: there is none in time, or the body is over without its last event.
    """
    try:
        async with asyncio.timeout(max(0.0, min(stall_s, left_s))):
            return await anext(opened.pieces)
    except TimeoutError:
        raise UpstreamFault(FaultKind.STALLED) from None
    except (FetchError, StopAsyncIteration):
        raise UpstreamFault(FaultKind.CUT) from None


async def _rest(opened: Opened) -> None:
    """Read what follows the last event, usually nothing, so that the connection can be kept."""
    with suppress(TimeoutError, FetchError):
        async with asyncio.timeout(REST_S):
            async for _ in opened.pieces:
                pass


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        return json_object(data)
    except ValueError:
        return None
