"""Reaching upstreams from CPython, by httpcore."""

import errno
import os
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import httpcore

from ..upstream.fetch import Answer, Call, FetchError
from .content_encoding import EncodingError, build_decoders, decode

CONNECT_S: Final = 10.0

SILENT_S: Final = 3601.0
"""Longer than any `timeout_s`: it is the gateway that gives a call up."""

IDLE: Final = 64
"""Connections to a server that are kept while nobody uses them."""

IDLE_S: Final = 30.0
"""How long."""

Origin: TypeAlias = tuple[str, str, int | None]
Line: TypeAlias = httpcore.AsyncConnectionPool
"""At most one connection."""

_FAULTS: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    OSError,
)
LOCAL_ERRORS: Final = (
    *(errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL),
)
"""Of a system that has nothing left to give."""


class HttpcoreAnswer:
    """An answer whose body is still on its way.

    Args:
        response: httpcore's.
        line: the connection it comes over.
        keep: takes the connection where the answer has been read to its end.
    """

    def __init__(
        self, response: httpcore.Response, line: Line, keep: Callable[[Line], bool]
    ) -> None:
        self._response, self._line, self._keep = response, line, keep
        self._is_open, self._is_read = True, False
        self.status: int = response.status
        self.headers: Mapping[str, str] = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, decompressed in small pieces."""
        try:
            decoders = build_decoders(self.headers.get("content-encoding", ""))
            async for data in self._response.aiter_stream():
                for piece in decode(decoders, data):
                    yield piece
        except (*_FAULTS, EncodingError) as error:
            raise FetchError(describe(error), is_local=is_local(error)) from None
        self._is_read = True

    async def aclose(self) -> None:
        """Let go of the connection; one with an answer half read is of no use to anybody."""
        if not self._is_open:
            return
        self._is_open = False
        is_kept = False
        try:
            if self._is_read:
                await self._response.aclose()
                is_kept = self._keep(self._line)
        finally:
            if not is_kept:
                await self._line.aclose()


class HttpcoreFetch:
    """A `Fetch` that takes an idle connection or opens another.

    A pool of httpcore's walks through all its connections for every request, and lets single
    requests wait for seconds when there are many; so each pool here holds one connection.
    Redirects are not followed. `SSL_CERT_FILE` and `SSL_CERT_DIR` name further authorities,
    `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` a proxy; loopback addresses are reached directly.

    Args:
        clock: seconds, for the age of idle connections.
        most_idle: idle connections to all servers together.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most_idle: int = 1_000) -> None:
        timeout = {"read": SILENT_S, "write": SILENT_S, "connect": CONNECT_S, "pool": CONNECT_S}
        self._extensions = {"timeout": timeout}
        self._trust = trust_store()
        self._clock, self._most_idle = clock, most_idle
        self._idle: dict[Origin, list[tuple[Line, float]]] = defaultdict(list)

    async def __call__(self, call: Call) -> Answer:
        """Send it; comes back with the headers."""
        parts = urlsplit(call.url)
        origin = parts.scheme, parts.hostname or "", parts.port
        line = await self._take(origin) or self._open(origin)
        headers = {"host": parts.netloc, "content-length": str(len(call.body)), **call.headers}
        try:
            request = httpcore.Request(
                "POST",
                call.url,
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                content=call.body,
                extensions=self._extensions,
            )
            response = await line.handle_async_request(request)
        except BaseException as error:
            await line.aclose()
            if isinstance(error, _FAULTS):
                raise FetchError(describe(error), is_local=is_local(error)) from None
            raise
        return HttpcoreAnswer(response, line, lambda line: self._keep(origin, line))

    async def drop_dead(self) -> None:
        """Close idle connections that are too old or that the other side has closed."""
        for lines in self._idle.values():
            dead = [one for one in lines if not self._is_alive(*one)]
            for one in dead:
                if one in lines:
                    lines.remove(one)
                    await one[0].aclose()

    async def aclose(self) -> None:
        """Close every idle connection."""
        for lines in self._idle.values():
            while lines:
                await lines.pop()[0].aclose()

    @property
    def idle(self) -> int:
        """Connections that wait for a request."""
        return sum(len(lines) for lines in self._idle.values())

    async def _take(self, origin: Origin) -> Line | None:
        """An idle connection that is still open."""
        lines = self._idle[origin]
        while lines:
            line, since = lines.pop()
            if self._is_alive(line, since):
                return line
            await line.aclose()
        return None

    def _keep(self, origin: Origin, line: Line) -> bool:
        lines = self._idle[origin]
        is_full = len(lines) >= IDLE or self.idle >= self._most_idle
        if is_full or not self._is_alive(line, self._clock()):
            return False
        lines.append((line, self._clock()))
        return True

    def _is_alive(self, line: Line, since: float) -> bool:
        kept = line.connections
        if not kept or self._clock() - since > IDLE_S:
            return False
        return all(one.is_idle() and not one.has_expired() for one in kept)

    def _open(self, origin: Origin) -> Line:
        proxy = find_proxy(origin[0], origin[1])
        if proxy is None:
            return httpcore.AsyncConnectionPool(self._trust, max_connections=1)
        parts = urlsplit(proxy)
        auth = None
        if parts.username is not None:
            auth = (parts.username, parts.password or "")
        host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return httpcore.AsyncHTTPProxy(
            host, proxy_auth=auth, ssl_context=self._trust, max_connections=1
        )


def trust_store() -> ssl.SSLContext:
    """The system's authorities and those of `SSL_CERT_FILE`; certifi's where none is named."""
    context = ssl.create_default_context()
    if not (os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")):
        context.load_verify_locations(certifi.where())
    return context


def find_proxy(scheme: str, host: str) -> str | None:
    """The proxy that the environment names for a host; None for a loopback address."""
    if host == "localhost" or host == "::1" or host.startswith("127."):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def describe(error: BaseException) -> str:
    """Kind and words of the innermost cause, for the log."""
    *_, innermost = _list_causes(error)
    return f"{type(error).__name__}: {innermost or error}"[:200]


def is_local(error: BaseException) -> bool:
    """True where this process has no descriptor or port left.

    A lookup of a name that fails for want of one says only that the name is not known.
    """
    for one in _list_causes(error):
        if isinstance(one, OSError) and one.errno in LOCAL_ERRORS:
            return True
        if isinstance(one, socket.gaierror) and not has_descriptor():
            return True
    return False


def has_descriptor() -> bool:
    """True where a socket can be opened."""
    try:
        socket.socket().close()
    except OSError as error:
        return error.errno not in LOCAL_ERRORS
    return True


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, outermost first."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        if isinstance(seen, BaseExceptionGroup):
            with suppress(RecursionError):
                for one in seen.exceptions:
                    yield from _list_causes(one)
        seen = seen.__cause__ or seen.__context__
