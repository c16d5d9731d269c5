"""Decisions and the candidates that are resident."""

import json
from typing import Any

from pyodide.ffi import to_js

from tiny_dancer import RoutingRequest
from tiny_dancer.breaker.lease import Lease
from tiny_dancer.errors import InvalidInputError
from tiny_dancer.policy import decide
from tiny_dancer.response import RoutingResponse
from tiny_dancer.stamp import Stamp

from .arguments import Numbers, insert_embedding, read_candidate, read_candidates
from .replies import encode, encode_error
from .routers import get_router

_stamp = Stamp()


def route(number: int, prompt: str) -> str:
    """One decision in the wire format."""
    return encode(lambda: get_router(number).route(prompt).to_dict())


def route_request(number: int, request: str, vectors: Any) -> str:
    """The same for all that a request can hold; the query's numbers come before the candidates'."""

    def work() -> dict[str, Any]:
        source, fields = _read_request(request, vectors)
        if "lease" in fields:
            fields["lease"] = Lease(**fields["lease"])
        return get_router(number).route(source, **fields).to_dict()

    return encode(work)


def score(number: int, request: str, vectors: Any) -> str:
    """The same by the numbers alone: without breakers, and nothing is recorded."""

    def work() -> dict[str, Any]:
        source, fields = _read_request(request, vectors)
        if "lease" in fields:
            raise InvalidInputError("lease: `score` takes none, since it ignores the breakers")
        scored = get_router(number).score(source, **fields)
        choice = decide(scored, scored.rule)
        response = RoutingResponse("", choice.model, choice.reason, scored)
        _, response.inference_time_us = _stamp.mark(scored.started_at)
        return response.to_dict()

    return encode(work)


def _read_request(request: str, vectors: Any) -> tuple[Any, dict[str, Any]]:
    """The router's first argument, and the others by name."""
    fields, numbers = json.loads(request), Numbers(vectors)
    prompt = fields.pop("prompt", None)
    length = fields.pop("query_embedding", None)
    query = None if length is None else numbers.take(length)
    rows = fields.pop("candidates", None)
    fields["candidates"] = None if rows is None else read_candidates(rows, numbers)
    return (prompt if query is None else RoutingRequest(prompt, query)), fields


def route_many(number: int, prompts: str) -> str:
    """The decisions for a list of prompts."""
    return encode(
        lambda: [one.to_dict() for one in get_router(number).route_many(json.loads(prompts))]
    )


def embed(number: int, text: str) -> Any:
    """The text's vector as a Float32Array, or an error."""
    try:
        return to_js(get_router(number).embed(text))
    except Exception as error:
        return encode_error(error)


def set_candidates(number: int, rows: str, vectors: Any) -> str:
    """Make these the resident candidates, and no others."""

    def work() -> None:
        get_router(number).set_candidates(read_candidates(json.loads(rows), Numbers(vectors)))

    return encode(work)


def update_candidate(number: int, name: str | None, row: str, vectors: Any) -> str:
    """Change fields of the resident of this name; without a name, add or replace a whole one."""

    def work() -> None:
        fields, numbers = json.loads(row), Numbers(vectors)
        if name is None:
            get_router(number).update_candidate(read_candidate(fields, numbers))
        else:
            get_router(number).update_candidate(name, **insert_embedding(fields, numbers))

    return encode(work)


def remove_candidate(number: int, name: str) -> str:
    """Remove a resident candidate."""
    return encode(lambda: get_router(number).remove_candidate(name))
