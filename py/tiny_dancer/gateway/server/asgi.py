"""The gateway as an ASGI application, for uvicorn and its like."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from ..gateway import Gateway
from ..http.request import Request

OpenGateway = Callable[[], AbstractAsyncContextManager[Gateway]]
"""Opens a gateway when the server starts, and closes it when the server stops."""


def build_application(open_gateway: OpenGateway) -> Router:
    """The application."""
    running: list[Gateway] = []
    pairs: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with open_gateway() as gateway:
            await gateway.start()
            running.append(gateway)
            try:
                yield
            finally:
                running.clear()
                for task in tuple(pairs):
                    task.cancel()
                await asyncio.gather(*pairs, return_exceptions=True)

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        gateway = running[0]
        await _serve(gateway, scope, receive, send)
        if gateway.shadow.has_waiting:  # not in this task: a server that stops would wait for it
            task = asyncio.ensure_future(gateway.complete_pairs())
            pairs.add(task)
            task.add_done_callback(pairs.discard)

    return Router(default=endpoint, lifespan=lifespan)  # which paths there are, the gateway knows


async def _serve(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request; where the client leaves, the call of the upstream is cancelled."""
    body = _Body(receive)
    request = Request(
        scope["method"],
        scope["path"],
        {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body.pieces(),
        query=scope["query_string"].decode("latin-1"),
    )
    body.answering = asyncio.ensure_future(_answer(gateway, request, send))
    try:
        await body.answering
    except asyncio.CancelledError:
        if not body.client_left:  # it is the server that stops
            body.answering.cancel()
            raise
    finally:
        body.close()
    await gateway.after_answer()


async def _answer(gateway: Gateway, request: Request, send: Send) -> None:
    response = await gateway.handle(request)
    body = response.body
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in response.headers.items()]
    if isinstance(body, bytes) and response.status != 204:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if isinstance(body, bytes):
        await send({"type": "http.response.body", "body": body})
        return
    try:
        async for piece in body:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        await body.aclose()
    await send({"type": "http.response.body"})


class _Body:
    """A request's body; once it is read, the client is watched.

    Attributes:
        answering: the task to cancel when the client leaves.
        client_left: True where it has.
    """

    def __init__(self, receive: Receive) -> None:
        self.answering: asyncio.Task[None] | None = None
        self.client_left = False
        self._receive = receive
        self._watching: asyncio.Task[None] | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._leave()
                return
            yield message.get("body", b"")
            more = message.get("more_body", False)
        self._watching = asyncio.ensure_future(self._watch())

    def close(self) -> None:
        """Watch no longer."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _leave(self) -> None:
        self.client_left = True
        if self.answering is not None:
            self.answering.cancel()
