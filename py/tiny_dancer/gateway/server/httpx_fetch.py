"""Reaching upstreams from CPython, by httpx."""

import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Final

import httpx

from ..upstream.fetch import Answer, Call, FetchError
from ..upstream.upstream import Upstream

CONNECT_S: Final = 10.0

IDLE: Final = 64
"""Connections to a server that are kept while nobody uses them."""

ONE: Final = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=30.0)


class HttpxAnswer:
    """An answer whose body is still on its way; its connection is free again when it is closed."""

    def __init__(
        self,
        response: httpx.Response,
        line: httpx.AsyncHTTPTransport,
        idle: list[httpx.AsyncHTTPTransport],
    ) -> None:
        self._response, self._line, self._idle = response, line, idle
        self._is_open = True

    @property
    def status(self) -> int:
        """HTTP status."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in small letters."""
        return self._response.headers

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, decompressed."""
        try:
            async for piece in self._response.aiter_bytes():
                yield piece
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise FetchError(type(error).__name__) from None

    async def aclose(self) -> None:
        """Let go of the connection."""
        if not self._is_open:
            return
        self._is_open = False
        await self._response.aclose()
        if len(self._idle) < IDLE:
            self._idle.append(self._line)
        else:
            await self._line.aclose()


class HttpxFetch:
    """A `Fetch` that takes an idle connection or opens another.

    httpx' own pool walks through all its connections for every request, twice, and lets single
    requests wait for seconds when there are many; so each transport here holds one connection.
    Proxies of the environment are not used, redirects not followed.

    Args:
        upstreams: bound how long a connection may stay silent.
    """

    def __init__(self, upstreams: tuple[Upstream, ...]) -> None:
        slowest = max(max(one.timeout_s, one.stall_s) for one in upstreams)
        timeout = httpx.Timeout(slowest + 1.0, connect=min(CONNECT_S, slowest))
        self._extensions = {"timeout": timeout.as_dict()}
        self._trust = httpx.create_ssl_context(trust_env=False)
        self._idle: dict[tuple[str, str, int | None], list[httpx.AsyncHTTPTransport]]
        self._idle = defaultdict(list)

    async def __call__(self, call: Call) -> Answer:
        """Send it; comes back with the headers."""
        request = httpx.Request(
            "POST",
            call.url,
            headers=dict(call.headers),
            content=call.body,
            extensions=self._extensions,
        )
        url = request.url
        idle = self._idle[url.scheme, url.host, url.port]
        line = idle.pop() if idle else _line(self._trust)
        try:
            return HttpxAnswer(await line.handle_async_request(request), line, idle)
        except BaseException as error:
            await line.aclose()
            if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
                raise FetchError(type(error).__name__) from None
            raise

    async def aclose(self) -> None:
        """Close every idle connection."""
        for idle in self._idle.values():
            while idle:
                await idle.pop().aclose()


def _line(trust: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(verify=trust, limits=ONE, trust_env=False)
