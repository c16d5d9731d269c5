"""A streamed answer on its way from the upstream to the client."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from ..config.upstream import Upstream
from ..http.json_text import dump_compact
from .call import StreamedAnswer, parse_answer
from .fault import FaultKind, UpstreamFault
from .fault_response import to_api_error
from .fetch import FetchError
from .sse import DONE, Comment, encode_event
from .usage import Usage, read_usage

REST_S: Final = 0.5


class FinishedChoices:
    """Which choices of a streamed answer have said why they end."""

    def __init__(self) -> None:
        self._finished: dict[int, bool] = {}

    def read(self, chunk: Mapping[str, Any]) -> None:
        """Take note of a chunk."""
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                index = choice.get("index", 0)
                at = index if isinstance(index, int) else 0
                self._finished[at] = self._finished.get(at, False) or bool(
                    choice.get("finish_reason")
                )

    @property
    def is_whole(self) -> bool:
        """True where each choice that began has ended."""
        return bool(self._finished) and all(self._finished.values())


async def open_relay(
    answer: StreamedAnswer,
    upstream: Upstream,
    *,
    hides_usage: bool,
    ends_at: float,
    now: Callable[[], float],
    finish: Callable[[Usage | None, UpstreamFault | None], None],
) -> AsyncGenerator[bytes, None]:
    """The events, as they come. Where the upstream fails, the last one names the error.

    A stream that ends after the last `finish_reason` is whole, also without `[DONE]`, which some
    servers do not send; the client gets one.

    Args:
        answer: what is relayed.
        upstream: who gives it.
        hides_usage: True where the gateway, not the client, asked for the event with the usage.
        ends_at: when the stream has to be over.
        now: seconds since 1970.
        finish: called once, also where the client goes away (then without a fault).
    """
    events = _relay(answer, upstream, hides_usage, ends_at, now, finish)
    await anext(events)  # it has begun, so that closing it before its first event lets go of all
    return events


async def _relay(
    answer: StreamedAnswer,
    upstream: Upstream,
    hides_usage: bool,
    ends_at: float,
    now: Callable[[], float],
    finish: Callable[[Usage | None, UpstreamFault | None], None],
) -> AsyncGenerator[bytes, None]:
    usage: Usage | None = None
    fault: UpstreamFault | None = None
    finished = FinishedChoices()
    try:
        yield b""
        events, is_over = answer.events, False
        while True:
            out: list[bytes] = []
            for data in events:
                if isinstance(data, Comment):
                    out.append(encode_event(data))
                    continue
                if data.strip() == DONE:
                    yield b"".join((*out, encode_event(DONE)))
                    await _read_rest(answer)
                    return
                try:
                    value = parse_answer(data, {})
                except UpstreamFault:
                    yield b"".join(out)
                    raise
                finished.read(value)
                said = read_usage(value)
                usage = said or usage
                if not (said and hides_usage and not value.get("choices")):
                    out.append(encode_event(data))
            if is_over:
                if not finished.is_whole:
                    yield b"".join(out)
                    raise UpstreamFault(FaultKind.CUT)
                yield b"".join((*out, encode_event(DONE)))
                return
            if out:
                yield b"".join(out)
            piece = await _read_next(answer, upstream.stall_s, ends_at - now())
            is_over = piece is None
            events = answer.splitter.finish() if piece is None else answer.splitter.feed(piece)
    except UpstreamFault as error:
        fault = error
        yield encode_event(dump_compact(to_api_error(error, upstream).body))
    finally:
        try:
            finish(usage, fault)
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
