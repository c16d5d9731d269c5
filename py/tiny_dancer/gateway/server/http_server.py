"""The HTTP server: uvicorn's, which ends what is overdue and stops without dropping answers."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any, Final

import uvicorn

from ..config.settings import Limits
from .asgi import Application
from .connection import Connection, ServerConfig
from .httpcore_fetch import LOCAL_ERRORS

LAST_WORD_S: Final = 1.0
"""Seconds in which clients may take the end of an answer that was broken off."""


class HttpServer(uvicorn.Server):
    """Serves an application on sockets that listen.

    Args:
        application: what is served.
        limits: bounds of connections, and how long answers may take once it is to stop.
        tell_ready: called once clients can connect.
    """

    def __init__(
        self,
        application: Application,
        limits: Limits,
        tell_ready: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(ServerConfig(application, limits, **build_options(limits)))
        self._application, self._limits, self._tell_ready = application, limits, tell_ready

    def serve_on(self, listener: socket.socket) -> None:
        """Serve until it is told to stop.

        Raises:
            TinyDancerError: it cannot start.
        """
        logging.getLogger("uvicorn.error").addFilter(_is_worth_a_line)
        try:
            self.run([listener])
        except SystemExit:
            if self._application.failure is None:
                raise
        if self._application.failure is not None:
            raise self._application.failure

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        asyncio.get_running_loop().set_exception_handler(_report)
        await super().startup(sockets)
        if self._tell_ready is not None:
            self._tell_ready()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: end connections that are overdue."""
        now = asyncio.get_running_loop().time()
        for one in self._list_connections():
            one.end_if_overdue(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, let answers end for `grace_s`, then break them off."""
        loop, grace_s = asyncio.get_running_loop(), self._limits.grace_s
        ending = loop.call_later(grace_s, self._application.end_answers)
        aborting = loop.call_later(grace_s + LAST_WORD_S, self._abort)
        try:
            await super().shutdown(sockets)
        finally:
            ending.cancel()
            aborting.cancel()

    def _abort(self) -> None:
        for one in self._list_connections():
            one.transport.abort()

    def _list_connections(self) -> Sequence[Connection]:
        return [one for one in self.server_state.connections if isinstance(one, Connection)]


def build_options(limits: Limits) -> dict[str, Any]:
    """Settings of uvicorn."""
    return {
        "backlog": limits.connections,  # also how many asyncio accepts at once
        "access_log": False,  # addresses and query strings are nobody's business
        "log_level": "warning",
        "timeout_keep_alive": max(1, round(limits.keep_alive_s)),
        "h11_max_incomplete_event_size": limits.header_bytes + REQUEST_LINE_BYTES,
        "server_header": False,
        "proxy_headers": False,
        "lifespan": "on",
        "ws": "none",
    }


REQUEST_LINE_BYTES: Final = 8 << 10

_SILENT: Final = (
    "Unsupported upgrade request",  # `Upgrade: h2c`, which curl sends with `--http2`
    "No supported WebSocket library",
    "Application startup failed",  # the reason is printed
    "Application shutdown failed",
)


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_SILENT)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """One line where a connection cannot be accepted; asyncio tries again after a second."""
    error = context.get("exception")
    if isinstance(error, OSError) and error.errno in LOCAL_ERRORS:
        print(f"tiny-dancer gateway: {context['message']}: {error.strerror}", flush=True)
    else:
        loop.default_exception_handler(context)
