"""What the worker calls: numbers, text and bytes in, JSON out, so no Python object is left to free.

Vectors come as one buffer of float32; the JSON says where one belongs by how many numbers it has.
"""

import json
from array import array
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from pyodide.ffi import to_js

from tiny_dancer import Router, RouterConfig, RoutingRequest
from tiny_dancer.breaker.lease import Lease
from tiny_dancer.candidates.candidate import Candidate
from tiny_dancer.config import BreakerConfig, HistoryConfig, Price
from tiny_dancer.errors import InvalidInputError, StoreError
from tiny_dancer.history import HistoryStore, MemoryStore
from tiny_dancer.history.readings.as_json import decision_json, metrics_json, statistics_json
from tiny_dancer.history.readings.export import import_lines
from tiny_dancer.model.describe import describe

_REQUIRED: Final = ("id", "created_at", "success_rate")

_routers: dict[int, Router] = {}
_stores: dict[int, HistoryStore] = {}
_faults: dict[int, StoreError] = {}
"""Routers that asked for a store that cannot be opened: they decide all the same."""


async def open_router(number: int, config: str, model: Any = None, storage: Any = None) -> str:
    """Make a router.

    Args:
        number: names it in later calls.
        config: arguments of RouterConfig.
        model: a Uint8Array with a bundle, or None for the shipped one.
        storage: "indexeddb", "memory" or None.
    """

    async def work() -> dict[str, Any]:
        data = None if model is None else model.to_bytes()
        settings = _config(json.loads(config))
        store = await _open_store(number, storage)
        try:
            router = await Router.load(settings, model=data, store=store)
        except BaseException:
            if store is not None:
                await _stores.pop(number).close()
            raise
        _routers[number] = router
        return _info(number, router)

    return await _answer(work())


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
        if "lease" in fields:
            fields["lease"] = Lease(**fields["lease"])
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
        return {**reloaded._asdict(), "info": _info(number, router)}

    return _reply(work)


def inspect(number: int) -> str:
    """The facts of the bundle in service, null without one."""

    def work() -> dict[str, Any] | None:
        bundle = _routers[number].bundle
        return describe(bundle) if bundle else None

    return _reply(work)


async def close_router(number: int) -> str:
    """Write what waits, close the store, and forget the router."""

    async def work() -> None:
        router = _routers.pop(number, None)
        _stores.pop(number, None)
        if router is not None:
            await router.aclose()

    return await _answer(work())


# ---------------------------------------------------------------- breakers and outcomes


def report(number: int, model: str, fields: str) -> str:
    """Tell what became of a call."""

    def work() -> None:
        said = json.loads(fields)
        if said.get("lease") is not None:
            said["lease"] = Lease(**said["lease"])
        _routers[number].report(model, **said)

    return _reply(work)


async def lease(number: int, model: str) -> str:
    """A lease for one probe of a half-open model, or null."""

    async def work() -> dict[str, Any] | None:
        granted = await _routers[number].lease(model)
        return asdict(granted) if granted is not None else None

    return await _answer(work())


def circuit_breaker_status(number: int, model: str) -> str:
    """True healthy, False open or half-open, null where breakers are off."""
    return _reply(lambda: _routers[number].circuit_breaker_status(model))


def retry_after_s(number: int, models: str) -> str:
    """Seconds until the first of the models may be probed, or null."""
    return _reply(lambda: _routers[number].retry_after_s(*json.loads(models)))


def record_outcome(number: int, decision_id: str, fields: str) -> str:
    """Queue what became of a decision."""
    return _reply(lambda: _routers[number].record_outcome(decision_id, **json.loads(fields)))


def metrics(number: int) -> str:
    """Counters since the router began."""
    return _reply(lambda: metrics_json(_routers[number].metrics()))


# ---------------------------------------------------------------- history


async def drain() -> None:
    """Write what waits in all routers; what fails waits for the next time."""
    for number in _routers.keys() & _stores.keys():
        await _routers[number].drain()


async def flush(number: int) -> str:
    """Write everything that waits."""
    return await _answer(_routers[number].flush())


async def stats(number: int) -> str:
    """Totals since the store was made, with what waits if that can be written."""

    async def work() -> dict[str, Any]:
        store = await _written(number)
        return statistics_json(await store.statistics())

    return await _answer(work())


async def history(number: int, limit: int, offset: int) -> str:
    """Decisions, the latest first."""

    async def work() -> list[dict[str, Any]]:
        store = await _written(number)
        return [decision_json(one) for one in await store.query_routings(limit, offset)]

    return await _answer(work())


async def export_history(number: int) -> Any:
    """A Blob with the lines of an export, or an error."""
    try:
        from tiny_dancer.history.readings.blob import export_blob

        return await export_blob(await _written(number))
    except Exception as error:
        return _fault(error)


async def import_history(number: int, blob: Any) -> str:
    """Add the records of an export; how many were new, by kind."""
    from tiny_dancer.history.readings.blob import blob_lines

    async def work() -> dict[Any, int]:
        try:
            return await import_lines(_store(number), blob_lines(blob))
        finally:
            await _routers[number].refresh()  # breakers and policies may be among them

    return await _answer(work())


async def delete_all(number: int) -> str:
    """Delete the history."""

    async def work() -> None:
        _store(number)
        await _routers[number].delete_all()

    return await _answer(work())


async def _open_store(number: int, storage: str | None) -> HistoryStore | None:
    if storage is None:
        return None
    if storage == "memory":
        _stores[number] = MemoryStore()
        return _stores[number]
    from tiny_dancer_storage import open_store  # the worker registers it

    from tiny_dancer.history.stores.indexeddb import IndexedDBStore

    def changed(*_: object) -> None:
        if number in _routers:
            _routers[number].expire()

    try:
        _stores[number] = await IndexedDBStore.open(open_store, on_change=changed)
    except StoreError as error:
        _faults[number] = error
    return _stores.get(number)


def _store(number: int) -> HistoryStore:
    if number in _faults:
        raise _faults[number]
    if number not in _stores:
        raise InvalidInputError('storage: this router keeps no history; load it with "indexeddb"')
    return _stores[number]


async def _written(number: int) -> HistoryStore:
    store = _store(number)
    await _routers[number].drain()
    return store


# ---------------------------------------------------------------- as JSON


def _config(fields: dict[str, Any]) -> RouterConfig:
    if "breaker" in fields:
        fields["breaker"] = BreakerConfig(**fields["breaker"])
    if "history" in fields:
        settings = fields["history"]
        prices = {model: Price(**price) for model, price in settings.pop("prices", {}).items()}
        fields["history"] = HistoryConfig(**settings, prices=prices)
    return RouterConfig(**fields)


def _info(number: int, router: Router) -> dict[str, Any]:
    bundle, fault = router.bundle, _faults.get(number)
    return {
        "stored": number in _stores,
        "storageFault": fault and {"name": type(fault).__name__, "message": str(fault)},
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


async def _answer(work: Awaitable[Any]) -> str:
    """The same for work that waits for the store."""
    try:
        return "+" + json.dumps(await work, separators=(",", ":"))
    except Exception as error:
        return _fault(error)


def _fault(error: Exception) -> str:
    return "-" + json.dumps({"name": type(error).__name__, "message": str(error)})
