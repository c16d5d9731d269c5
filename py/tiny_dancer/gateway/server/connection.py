"""A client's connection: uvicorn's, with the bounds that it does not have itself."""

import sys
from asyncio import AbstractEventLoop, Transport
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from ..config.settings import Limits
from ..http.api_error import ApiError
from .asgi import Application
from .request_task import LINGERS


class ServerConfig(uvicorn.Config):
    """uvicorn's settings, and what a connection has to know.

    Args:
        application: what is served.
        limits: bounds of connections.
        options: uvicorn's own.
    """

    def __init__(self, application: Application, limits: Limits, **options: Any) -> None:
        super().__init__(application, http=Connection, **options)
        self.application, self.limits = application, limits


class Connection(H11Protocol):
    """One connection.

    It has `headers_s` for the head of a request, and `write_s` to take what was sent. Where there
    are too many, the one that has been idle for longest makes room; where none is idle, the next
    request on the new one is refused.
    """

    config: ServerConfig
    connections: "set[Connection]"  # type: ignore[assignment]

    def __init__(
        self,
        config: ServerConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._idle_since = 0.0
        self._head_since: float | None = None
        self._unread_since: float | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Take the connection, or make it one whose request is refused."""
        super().connection_made(transport)
        self._idle_since = self._head_since = self.loop.time()
        if len(self.connections) > self.config.limits.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take note of when the head of a request began to come."""
        super().data_received(data)
        if not self.is_idle:
            self._head_since = None
        elif self._head_since is None:
            self._head_since = self.loop.time()

    def on_response_complete(self) -> None:
        """Begin to be idle."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Take note that the client does not read."""
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Take note that it does again."""
        self._unread_since = None
        super().resume_writing()

    @property
    def is_idle(self) -> bool:
        """True where no request is being answered, and none waits for its answer."""
        if self.cycle is None or self.cycle.response_complete:
            return True
        return LINGERS in self.scope.get("state", {})

    def end_if_overdue(self, now: float) -> None:
        """Close it where its client takes longer than the bounds allow.

        Args:
            now: the loop's time, in seconds.
        """
        limits = self.config.limits
        if self.transport.is_closing() and self._unread_since is None:
            self._unread_since = now  # it waits for the client to take the rest
        if self._unread_since is not None:
            if now - self._unread_since > limits.write_s:
                self.transport.abort()
        elif self._head_since is not None and now - self._head_since > limits.headers_s:
            if self.conn.trailing_data[0]:
                message = f"The head of the request did not come within {limits.headers_s:g} s."
                self._refuse(ApiError(408, message))
            else:
                self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; called while h11's error is handled, which hints at a status."""
        status = getattr(sys.exception(), "error_status_hint", 400)
        self._refuse(ApiError(status, msg, code="invalid_http"))

    def _make_room(self) -> None:
        others = [one for one in self.connections if one is not self]
        others = [one for one in others if not one.transport.is_closing()]
        if len(others) < self.config.limits.connections:
            return
        idle = [one for one in others if one.is_idle]
        if idle:
            min(idle, key=lambda one: one._idle_since).transport.abort()
        else:
            self.app = self.config.application.refuse_for_load

    def _refuse(self, error: ApiError) -> None:
        """Answer without the application, and close."""
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = error.response.body
            assert isinstance(body, bytes)
            self.transport.write(
                b"HTTP/1.1 %d \r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
                b"connection: close\r\n\r\n%b" % (error.status, len(body), body)
            )
        self.transport.close()
