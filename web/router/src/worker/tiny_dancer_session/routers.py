"""The routers of this worker by number, with their stores."""

import json
from typing import Any

from tiny_dancer import Router
from tiny_dancer.errors import InvalidInputError, StoreError
from tiny_dancer.history import HistoryStore, MemoryStore
from tiny_dancer.hosts.package_data import kept_left_out
from tiny_dancer.model.describe import describe

from .arguments import read_config
from .replies import describe_error, encode, encode_awaited

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
        settings = read_config(json.loads(config))
        store = await _open_store(number, storage)
        try:
            router = await Router.load(settings, model=data, store=store)
        except BaseException:
            if store is not None:
                await _stores.pop(number).close()
            raise
        _routers[number] = router
        return _describe_router(number, router)

    return await encode_awaited(work())


async def close_router(number: int) -> str:
    """Write what is queued, close the store, and forget the router."""

    async def work() -> None:
        router = _routers.pop(number, None)
        _stores.pop(number, None)
        if router is not None:
            await router.aclose()

    return await encode_awaited(work())


def reload_model(number: int, model: Any = None) -> str:
    """Load another bundle: a Uint8Array, or None for the shipped one."""

    def work() -> dict[str, Any]:
        router = _routers[number]
        reloaded = router.reload_model(None if model is None else model.to_bytes())
        return {**reloaded._asdict(), "info": _describe_router(number, router)}

    return encode(work)


def inspect(number: int) -> str:
    """The facts of the loaded bundle, null without one."""

    def work() -> dict[str, Any] | None:
        bundle = _routers[number].bundle
        return describe(bundle, kept_left_out(bundle.bundle_hash)) if bundle else None

    return encode(work)


def get_router(number: int) -> Router:
    """The router of this number."""
    return _routers[number]


def get_stored_routers() -> list[Router]:
    """Those with a store."""
    return [_routers[number] for number in _routers.keys() & _stores.keys()]


def get_store(number: int) -> HistoryStore:
    """The store of this router; an error says why it has none."""
    if number in _faults:
        raise _faults[number]
    if number not in _stores:
        raise InvalidInputError('storage: this router stores no history; load it with "indexeddb"')
    return _stores[number]


async def get_drained_store(number: int) -> HistoryStore:
    """The same once what was queued is written, as far as that can be."""
    store = get_store(number)
    await _routers[number].drain()
    return store


async def _open_store(number: int, storage: str | None) -> HistoryStore | None:
    if storage is None:
        return None
    if storage == "memory":
        _stores[number] = MemoryStore()
        return _stores[number]
    from tiny_dancer_storage import open_store  # the worker registers it

    from tiny_dancer.history.stores.indexeddb import IndexedDBStore

    def expire(*_: object) -> None:
        if number in _routers:
            _routers[number].expire()

    try:
        _stores[number] = await IndexedDBStore.open(open_store, on_change=expire)
    except StoreError as error:
        _faults[number] = error
    return _stores.get(number)


def _describe_router(number: int, router: Router) -> dict[str, Any]:
    bundle, fault = router.bundle, _faults.get(number)
    return {
        "stored": number in _stores,
        "storageFault": fault and describe_error(fault),
        "bundleHash": bundle.bundle_hash if bundle else None,
        "models": list(bundle.config.models) if bundle else [],
        "scorer": router.scorer,
        "candidates": bundle is not None and bundle.config.candidate is not None,
    }
