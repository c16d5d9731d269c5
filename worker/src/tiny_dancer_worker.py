"""The Worker's Python side: `Exchange` answers a request, `after` writes what waits.

Many requests run in one isolate, and each may be ended by the platform at any await. So nothing
that can be awaited is shared between them, and what they share changes without an await in between.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import unquote

from pyodide.ffi import to_js
from tiny_dancer_environment import DB, secret, text
from tiny_dancer_upstream import fetch, pieces

from tiny_dancer import Router
from tiny_dancer.errors import StoreError
from tiny_dancer.gateway import Gateway, Request, parse_json
from tiny_dancer.history import MemoryStore
from tiny_dancer.history.stores.d1 import D1Store

HEALTH: Final = "/healthz"


class Isolate:
    """The gateway of this isolate, and what it knows of the database.

    It is made while the module is evaluated, when nothing may be asked yet.
    """

    def __init__(self) -> None:
        config = parse_json(text("CONFIG"), secret)
        self._store = D1Store(DB) if DB else MemoryStore()
        self._router = Router(config.router, store=self._store)
        self._has_looked = False
        self._is_open = not DB
        self.gateway = Gateway(config, self._router, self._store, fetch)
        if self._router.bundle is not None:
            self._router.embed("warm")  # the engine compiles the kernel now and not in a request

    async def look(self) -> None:
        """Before the first decision: is a breaker open, which policy and candidates are stored?

        Requests that come together all look, since none may wait for another. A store that fails
        is no reason not to decide; the next request looks again.
        """
        if not self._has_looked:
            try:
                await asyncio.gather(self._router.refresh(), self.gateway.start())
                self._has_looked = True
            except StoreError as error:
                print(f"tiny-dancer: {error}")

    async def after(self) -> None:
        """After an answer: write what waits. What fails stays queued for a later request."""
        try:
            if not self._is_open:
                await D1Store.open(DB)
                self._is_open = True
            await self.gateway.after_answer()
            await self.gateway.complete_pairs()
        except StoreError as error:
            print(f"tiny-dancer: {error}")


class Exchange:
    """One request and its answer.

    Args:
        method: in capitals.
        path: without host and query, as it stands in the address.
        query: behind its question mark.
        headers: a JSON object, names in small letters.
        body: a JavaScript object whose `next` gives the body piece by piece.
    """

    def __init__(self, method: str, path: str, query: str, headers: str, body: Any) -> None:
        # As servers on CPython decode: an escape that is malformed stands for itself.
        fields = json.loads(headers)
        self._request = Request(method, unquote(path), fields, pieces(body), query=query)
        self._task: asyncio.Future[Any] | None = None
        self._rest: AsyncIterator[bytes] | None = None

    async def answer(self) -> Any:
        """Status, headers as JSON, and the body; None for one that `next` gives piece by piece."""
        if self._request.path != HEALTH:
            await isolate.look()
        self._task = asyncio.ensure_future(isolate.gateway.handle(self._request))
        response = await self._task
        whole = response.body if isinstance(response.body, bytes) else None
        self._rest = None if isinstance(response.body, bytes) else response.body
        return to_js([response.status, json.dumps(list(response.headers.items())), whole])

    async def next(self) -> Any:
        """The next piece of the body; None at its end."""
        assert self._rest is not None
        self._task = asyncio.ensure_future(anext(self._rest, None))
        piece = await self._task
        return None if piece is None else to_js(piece)

    async def leave(self) -> None:
        """The client went away: let go of the upstream too."""
        if self._task is not None:
            self._task.cancel()
        close = getattr(self._rest, "aclose", None)
        if close is not None:
            await close()


isolate = Isolate()
after = isolate.after
