"""Reaching upstreams from CPython, by httpx."""

from collections.abc import AsyncIterator, Mapping

import httpx

from .fetching import Answer, Call, FetchError
from .upstream import Upstream

CONNECT_S = 10.0
CONNECTIONS = 512


class HttpxAnswer:
    """An answer whose body is still on its way."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

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
        await self._response.aclose()


class HttpxFetch:
    """A `Fetch` over one pool of connections. Proxies of the environment are not used.

    Args:
        upstreams: bound how long a connection may stay silent.
    """

    def __init__(self, upstreams: tuple[Upstream, ...]) -> None:
        slowest = max(max(one.timeout_s, one.stall_s) for one in upstreams)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(slowest + 1.0, connect=min(CONNECT_S, slowest)),
            limits=httpx.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS // 4
            ),
            follow_redirects=False,
            trust_env=False,
        )

    async def __call__(self, call: Call) -> Answer:
        """Send it; comes back with the headers."""
        request = self._client.build_request(
            "POST", call.url, headers=dict(call.headers), content=call.body
        )
        try:
            return HttpxAnswer(await self._client.send(request, stream=True))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(type(error).__name__) from None

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()
