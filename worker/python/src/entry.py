"""An example, tested only against a fake `workers` module: it has never run on Cloudflare.

The gateway in Cloudflare's own Python runtime, for those who want a small upload and the platform's
start. docs/edge.md says how it differs from the Worker beside it, which is tested on real workerd.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from workers import Response, WorkerEntrypoint, fetch

from tiny_dancer import Router
from tiny_dancer.gateway import Call, FetchError, Gateway, Request, from_json
from tiny_dancer.history import HistoryStore, MemoryStore


class Isolate:
    """The gateway of this isolate.

    Args:
        env: bindings: CONFIG, DB where there is a database, and the secrets that CONFIG names.
    """

    def __init__(self, env: Any) -> None:
        config = from_json(env.CONFIG, lambda name: getattr(env, name, None))
        self.store = _store(env)
        self.router = Router(config.router, store=self.store)
        self.gateway = Gateway(config, self.router, self.store, post)
        self.has_looked = False

    async def look(self) -> None:
        """Before the first decision; requests that come together all look."""
        if not self.has_looked:
            await self.router.refresh()
            await self.gateway.start()
            self.has_looked = True


_isolate: Isolate | None = None


class Default(WorkerEntrypoint):
    """What Cloudflare calls."""

    async def fetch(self, request: Any) -> Any:
        """Answer; what waits is written after the answer."""
        global _isolate
        if _isolate is None:
            _isolate = Isolate(self.env)
        isolate = _isolate
        await isolate.look()
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = unquote(urlsplit(request.url).path)
        asked = Request(request.method, path, headers, await request.bytes())
        response = await isolate.gateway.handle(asked)
        body = response.body if isinstance(response.body, bytes) else await _joined(response.body)
        self.ctx.waitUntil(isolate.gateway.after_answer())
        return Response(body, status=response.status, headers=dict(response.headers))


class Answer:
    """An upstream's answer, read in full: a stream goes on only when it is over."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self._body = body

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body."""
        yield self._body

    async def aclose(self) -> None:
        """Nothing is held."""


async def post(call: Call) -> Answer:
    """POST to an upstream."""
    try:
        response = await fetch(
            call.url, method="POST", headers=dict(call.headers), body=call.body, redirect="manual"
        )
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers, await response.bytes())
    except OSError as error:
        raise FetchError(str(error)) from None


async def _joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def _store(env: Any) -> HistoryStore:
    database = getattr(env, "DB", None)
    if database is None:
        return MemoryStore()
    from tiny_dancer.history.stores.d1 import D1Store

    return D1Store(database)
