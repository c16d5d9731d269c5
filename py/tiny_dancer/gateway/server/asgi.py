"""The gateway as an ASGI application, for uvicorn and its like."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.types import Receive, Scope, Send

from ...errors import TinyDancerError
from ..gateway import Gateway
from ..http.api_error import ApiError
from .request_task import RequestTask

OpenGateway = Callable[[], AbstractAsyncContextManager[Gateway]]
"""Opens a gateway when the server starts, and closes it when the server stops."""


class Application:
    """The application; which paths there are, the gateway knows.

    Args:
        open_gateway: makes the gateway.

    Attributes:
        failure: why it could not start or end well; None where it did.
    """

    def __init__(self, open_gateway: OpenGateway) -> None:
        self.failure: TinyDancerError | None = None
        self._open = open_gateway
        self._gateway: Gateway | None = None
        self._running: set[RequestTask] = set()
        self._pairs: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the start and end of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._serve(scope, receive, send)

    async def refuse_for_load(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request on a connection for which there is no room."""
        error = ApiError(
            503,
            "The gateway has as many connections as limits.connections and its descriptors allow.",
            code="too_many_connections",
            retry_after_s=1.0,
            headers={"connection": "close"},
        )
        await self._serve(scope, receive, send, error)

    def end_answers(self) -> None:
        """End what is still being answered: streams by an event with an error, others by 503."""
        for one in tuple(self._running):
            one.stop()

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, refusal: ApiError | None = None
    ) -> None:
        assert self._gateway is not None
        gateway, one = self._gateway, RequestTask(self._gateway, scope, receive, send)
        self._running.add(one)
        try:
            await one.run(refusal)
        finally:
            self._running.discard(one)
        if gateway.shadow.has_waiting:  # not in this task: a server that stops would wait for it
            task = asyncio.ensure_future(gateway.complete_pairs())
            self._pairs.add(task)
            task.add_done_callback(self._pairs.discard)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Open the gateway, and close it when the server ends."""
        await receive()
        stage = "startup"
        try:
            async with self._open() as gateway:
                await gateway.start()
                self._gateway = gateway
                await send({"type": "lifespan.startup.complete"})
                stage = "shutdown"
                await receive()
                await self._drop_pairs()
        except asyncio.CancelledError:
            return  # stopped by force, as by a second Ctrl+C: the gateway is closed all the same
        except TinyDancerError as error:
            self.failure = error
            await send({"type": f"lifespan.{stage}.failed", "message": ""})
        else:
            await send({"type": "lifespan.shutdown.complete"})

    async def _drop_pairs(self) -> None:
        """Ask no more for second answers."""
        for task in tuple(self._pairs):
            task.cancel()
        await asyncio.gather(*self._pairs, return_exceptions=True)
