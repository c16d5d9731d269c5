"""How the gateway reaches an upstream from a Worker: by the platform's `fetch`."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import tiny_dancer_environment as environment
from pyodide.ffi import JsException, to_js

from tiny_dancer.gateway import Call, FetchError


async def pieces(reader: Any) -> AsyncIterator[bytes]:
    """What the `next` of a JavaScript object gives, until it gives nothing."""
    while (piece := await reader.next()) is not None:
        yield piece.to_bytes()


class Answer:
    """An answer whose body may still be on its way.

    Args:
        upstream: the JavaScript object that holds the connection.
    """

    def __init__(self, upstream: Any) -> None:
        self._upstream = upstream
        self.status: int = upstream.status
        self.headers: Mapping[str, str] = dict(json.loads(upstream.headers))

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        try:
            async for piece in pieces(self._upstream):
                yield piece
        except JsException as error:
            raise FetchError(str(error)) from None

    async def aclose(self) -> None:
        """Let go of the connection."""
        self._upstream.abort()


async def fetch(call: Call) -> Answer:
    """POST to an upstream; comes back when the headers are there."""
    headers = json.dumps(list(call.headers.items()))
    upstream = environment.Upstream.new(call.url, headers, to_js(call.body))
    try:
        await upstream.open()
    except JsException as error:
        raise FetchError(str(error)) from None
    except asyncio.CancelledError:
        upstream.abort()
        raise
    return Answer(upstream)
