"""What the worker calls: numbers, text and bytes in, JSON out, so no Python object is left to free.

Vectors come as one buffer of float32; the JSON says where one belongs by how many numbers it has.
"""

import json
from array import array
from collections.abc import Callable, Mapping
from typing import Any, Final

from pyodide.ffi import to_js

from tiny_dancer import Router, RouterConfig, RoutingRequest
from tiny_dancer.candidate import Candidate
from tiny_dancer.errors import InvalidInputError
from tiny_dancer.model.describe import describe

_REQUIRED: Final = ("id", "created_at", "success_rate")

_routers: dict[int, Router] = {}


def open_router(number: int, config: str, model: Any = None) -> str:
    """Make a router; `model` is a Uint8Array with a bundle, or None for the shipped one."""

    def work() -> dict[str, Any]:
        data = None if model is None else model.to_bytes()
        router = _routers[number] = Router(RouterConfig(**json.loads(config)), model=data)
        return _info(router)

    return _reply(work)


def route(number: int, prompt: str) -> str:
    """One decision in the wire format."""
    return _reply(lambda: _routers[number].route(prompt).to_dict())


def route_request(number: int, request: str, vectors: Any) -> str:
    """The same for all that a request can hold; the query's numbers come before the candidates'."""

    def work() -> dict[str, Any]:
        fields, numbers = json.loads(request), _Numbers(vectors)
        prompt = fields.pop("prompt", None)
        length = fields.pop("query_embedding", None)
        query = None if length is None else numbers.take(length)
        rows = fields.pop("candidates", None)
        candidates = None if rows is None else _candidates(rows, numbers)
        asked = prompt if query is None else RoutingRequest(prompt, query)
        return _routers[number].route(asked, candidates=candidates, **fields).to_dict()

    return _reply(work)


def route_many(number: int, prompts: str) -> str:
    """The decisions for a list of prompts."""
    return _reply(
        lambda: [one.to_dict() for one in _routers[number].route_many(json.loads(prompts))]
    )


def embed(number: int, text: str) -> Any:
    """The text's vector as a Float32Array, or an error."""
    try:
        return to_js(_routers[number].embed(text))
    except Exception as error:
        return _fault(error)


def set_candidates(number: int, rows: str, vectors: Any) -> str:
    """Hold these candidates and no others."""

    def work() -> None:
        _routers[number].set_candidates(_candidates(json.loads(rows), _Numbers(vectors)))

    return _reply(work)


def update_candidate(number: int, name: str | None, row: str, vectors: Any) -> str:
    """Change fields of the resident of this name; without a name, add or replace a whole one."""

    def work() -> None:
        fields, numbers = json.loads(row), _Numbers(vectors)
        if name is None:
            _routers[number].update_candidate(_candidate(fields, numbers))
        else:
            _routers[number].update_candidate(name, **_with_embedding(fields, numbers))

    return _reply(work)


def remove_candidate(number: int, name: str) -> str:
    """Let a resident candidate go."""
    return _reply(lambda: _routers[number].remove_candidate(name))


def reload_model(number: int, model: Any = None) -> str:
    """Put another bundle into service: a Uint8Array, or None for the shipped one."""

    def work() -> dict[str, Any]:
        router = _routers[number]
        reloaded = router.reload_model(None if model is None else model.to_bytes())
        return {**reloaded._asdict(), "info": _info(router)}

    return _reply(work)


def inspect(number: int) -> str:
    """The facts of the bundle in service, null without one."""

    def work() -> dict[str, Any] | None:
        bundle = _routers[number].bundle
        return describe(bundle) if bundle else None

    return _reply(work)


def close_router(number: int) -> str:
    """Forget a router."""
    return _reply(lambda: _routers.pop(number, None) and None)


def _info(router: Router) -> dict[str, Any]:
    bundle = router.bundle
    return {
        "bundleHash": bundle.bundle_hash if bundle else None,
        "models": list(bundle.config.models) if bundle else [],
        "scorer": router.scorer,
        "candidates": bundle is not None and bundle.config.candidate is not None,
    }


class _Numbers:
    """The numbers of a call, taken from the front; `vectors` is a Float32Array."""

    def __init__(self, vectors: Any) -> None:
        self._numbers = array("f", vectors.to_bytes())
        self._taken = 0

    def take(self, length: int) -> "array[float]":
        start = self._taken
        self._taken += length
        return self._numbers[start : self._taken]


def _candidates(rows: list[dict[str, Any]], numbers: _Numbers) -> list[Candidate]:
    found = []
    for at, row in enumerate(rows):
        try:
            found.append(_candidate(row, numbers))
        except InvalidInputError as error:
            raise InvalidInputError(f"candidate {at}: {error}") from None
    return found


def _candidate(row: dict[str, Any], numbers: _Numbers) -> Candidate:
    fields = _with_embedding(row, numbers)
    for name in _REQUIRED:
        if name not in fields:
            raise InvalidInputError(f"{name}: it is needed")
    try:
        return Candidate(**fields)
    except TypeError as error:  # a field that no candidate has
        raise InvalidInputError(str(error)) from None


def _with_embedding(row: Mapping[str, Any], numbers: _Numbers) -> dict[str, Any]:
    """The fields with the vector in the place of its length."""
    length = row.get("embedding")
    return {**row, "embedding": numbers.take(length)} if length is not None else dict(row)


def _reply(work: Callable[[], Any]) -> str:
    """`+` and the value as JSON, or `-` and the error as JSON."""
    try:
        return "+" + json.dumps(work(), separators=(",", ":"))
    except Exception as error:
        return _fault(error)


def _fault(error: Exception) -> str:
    return "-" + json.dumps({"name": type(error).__name__, "message": str(error)})
