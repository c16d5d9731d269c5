"""The Worker's Python side: `serve` answers a request, `drain` writes what waits.

Many requests run in one isolate, and each may be ended by the platform at any await. So nothing that
can be awaited is shared between them, and what they share changes without an await in between.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from pyodide.ffi import to_js
from tiny_dancer_environment import DB

from tiny_dancer import Candidate, InvalidInputError, Router, RoutingRequest
from tiny_dancer.errors import StoreError
from tiny_dancer.history.d1 import D1Store

MAX_BODY_BYTES: Final = 1 << 20
FIELDS: Final = ("prompt", "query_embedding", "candidates", "metadata", "top_k")
JSON: Final = (("content-type", "application/json"),)


class Isolate:
    """The router of this isolate, and what it knows of the database.

    Attributes:
        router: made while the module is evaluated, so it has asked the database nothing yet.
        is_fresh: True until a request has looked at the shared states.
        is_open: True once the database's schema has been looked at.
    """

    def __init__(self) -> None:
        self.router = Router(store=D1Store(DB) if DB else None)
        self.is_fresh = DB is not None
        self.is_open = DB is None

    async def look(self) -> None:
        """Before the first decision: is a breaker open, which policy is stored?

        Requests that come together all look, since none may wait for another.
        """
        if self.is_fresh:
            await self.router.refresh()
            self.is_fresh = False

    async def drain(self) -> None:
        """After an answer: write what waits. What fails stays queued for a later request."""
        try:
            if not self.is_open:
                await D1Store.open(DB)
                self.is_open = True
        except StoreError as error:
            print(f"history: {error}")
            return
        await self.router.drain()


isolate = Isolate()
drain = isolate.drain


async def serve(method: str, path: str, headers: str, body: Any) -> Any:
    """Status, headers as JSON, body: what JavaScript makes a Response of."""
    await isolate.look()
    status, answer = respond(method, path.partition("?")[0], body.to_bytes())
    return to_js([status, json.dumps(JSON), json.dumps(answer)])


def respond(method: str, path: str, body: bytes) -> tuple[int, Mapping[str, Any]]:
    """Status and answer; errors as OpenAI formats them."""
    allowed = {"/healthz": "GET", "/v1/route": "POST"}.get(path)
    if allowed is None:
        return 404, _error("invalid_request_error", f"{path}: there is no such address")
    if method != allowed:
        return 405, _error("invalid_request_error", f"{path}: {allowed} is needed, got {method}")
    if path == "/healthz":
        return 200, {"status": "ok"}
    try:
        return 200, isolate.router.route(_request(body)).to_dict()
    except InvalidInputError as error:
        return 400, _error("invalid_request_error", str(error))


def _request(body: bytes) -> RoutingRequest:
    if len(body) > MAX_BODY_BYTES:
        raise InvalidInputError(f"body: at most {MAX_BODY_BYTES} bytes, got {len(body)}")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"body: not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise InvalidInputError("body: an object is needed")
    for name in fields:
        if name not in FIELDS:
            raise InvalidInputError(f"{name}: no such field; there are {', '.join(FIELDS)}")
    rows = fields.pop("candidates", None)
    return RoutingRequest(**fields, candidates=None if rows is None else _candidates(rows))


def _candidates(rows: Any) -> list[Candidate]:
    if not isinstance(rows, list):
        raise InvalidInputError("candidates: a list is needed")
    found = []
    for at, row in enumerate(rows):
        try:
            found.append(Candidate(**row))
        except (TypeError, InvalidInputError) as error:
            raise InvalidInputError(f"candidate {at}: {error}") from None
    return found


def _error(kind: str, message: str) -> Mapping[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}
