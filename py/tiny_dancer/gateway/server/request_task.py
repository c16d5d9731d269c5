"""One request and its answer over ASGI: the client may leave, and the server may stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from starlette.types import Receive, Scope, Send

from ..formats.error import respond_with_error
from ..gateway import Gateway
from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response
from .request_head import read_request

LINGER_S: Final = 2.0
"""Seconds in which the rest of a refused body is read and thrown away: a connection that is closed
with bytes unread loses the answer as well."""

LINGERS: Final = "lingers"
"""Key of ASGI's state: all of the answer has been sent."""


class RequestTask:
    """Answers one request.

    Args:
        gateway: answers.
        scope: of ASGI, as are the other two.
        receive: gives the body, and tells when the client has left.
        send: takes the answer.
    """

    def __init__(self, gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
        self._gateway, self._scope, self._send = gateway, scope, send
        self._receive = receive
        self._answering: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._response: Response | None = None  # once its head has been sent
        self._is_read = self._is_begun = self._has_left = self._is_stopped = False

    async def run(self, refusal: ApiError | None = None) -> None:
        """Answer; where the client leaves, the call of the upstream is cancelled.

        Args:
            refusal: the answer, whatever is asked.
        """
        request = read_request(self._scope, self._gateway.config, self._read_body())
        if refusal is not None:
            request = Request(request.method, request.path, request.headers, refusal=refusal)
        self._answering = asyncio.ensure_future(self._answer(request))
        try:
            await self._answering
        except asyncio.CancelledError:
            if not (self._has_left or self._is_stopped):
                self._answering.cancel()
                raise
            if self._is_stopped and not self._has_left:
                await self._break_off(request)
        finally:
            if self._watching is not None:
                self._watching.cancel()
        await self._gateway.after_answer()

    def stop(self) -> None:
        """The server stops: end the answer, unless all of it is on its way, and say so."""
        if self._response is not None and isinstance(self._response.body, bytes):
            return
        self._is_stopped = True
        if self._answering is not None:
            self._answering.cancel()

    async def _answer(self, request: Request) -> None:
        response = await self._gateway.handle(request)
        body = response.body
        try:
            await self._skim()
            await self._send_head(response)
            if isinstance(body, bytes) and self._is_read:
                await self._send({"type": "http.response.body", "body": body})
                return
            if isinstance(body, bytes):
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
            else:
                async for piece in body:
                    if piece:
                        message = {"type": "http.response.body", "body": piece, "more_body": True}
                        await self._send(message)
        finally:
            if not isinstance(body, bytes):
                await body.aclose()
        if not self._is_read:
            await self._linger()
        await self._send({"type": "http.response.body"})

    async def _send_head(self, response: Response) -> None:
        headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in response.headers.items()]
        if isinstance(response.body, bytes) and response.status != 204:
            headers.append((b"content-length", b"%d" % len(response.body)))
        if not self._is_read and "connection" not in response.headers:
            headers.append((b"connection", b"close"))
        await self._send(
            {"type": "http.response.start", "status": response.status, "headers": headers}
        )
        self._response = response

    async def _break_off(self, request: Request) -> None:
        """Tell the client that the server stops, as far as its answer can still say so."""
        error = ApiError(
            503,
            "The gateway stops.",
            code="stopping",
            retry_after_s=1.0,
            headers={"connection": "close"},
        )
        if self._response is None:
            response = respond_with_error(request, error)
            await self._send_head(response)
            await self._send({"type": "http.response.body", "body": response.body})
        else:
            fail = self._response.fail
            last = b"".join(fail(error)) if fail is not None else b""
            await self._send({"type": "http.response.body", "body": last})

    async def _read_body(self) -> AsyncIterator[bytes]:
        """The body as it comes; once it is here, the client is watched."""
        while not self._is_read:
            message = await self._receive_body()
            if message is None:
                return
            yield message
        self._watching = asyncio.ensure_future(self._watch())

    async def _receive_body(self) -> bytes | None:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._leave()
            return None
        self._is_begun = True
        self._is_read = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return piece

    async def _skim(self) -> None:
        """Throw away what is here already of a body that nobody reads: often all of it."""
        if self._is_read or self._expects_continue():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                while not self._is_read and await self._receive_body() is not None:
                    pass

    async def _linger(self) -> None:
        """Read and throw away for a while what comes; its connection may be closed meanwhile."""
        if self._expects_continue():
            return
        self._scope.setdefault("state", {})[LINGERS] = True
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while not self._is_read and await self._receive_body() is not None:
                    pass

    def _expects_continue(self) -> bool:
        """True where the client sends nothing of its body before it is asked to."""
        return not self._is_begun and any(name == b"expect" for name, _ in self._scope["headers"])

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _leave(self) -> None:
        self._has_left = True
        if self._answering is not None:
            self._answering.cancel()
