"""What the worker calls: numbers and text in, JSON out, so no Python object is left to free."""

import json
from collections.abc import Callable
from typing import Any

from tiny_dancer import Router, RouterConfig

_routers: dict[int, Router] = {}


def open_router(number: int, config: str, model: Any = None) -> str:
    """Make a router; `model` is a Uint8Array with a bundle, or None for the shipped one."""

    def work() -> dict[str, Any]:
        data = None if model is None else model.to_bytes()
        router = _routers[number] = Router(RouterConfig(**json.loads(config)), model=data)
        bundle = router.bundle
        return {
            "bundleHash": bundle.bundle_hash if bundle else None,
            "models": list(bundle.config.models) if bundle else [],
            "scorer": router.scorer,
        }

    return _reply(work)


def route(number: int, prompt: str) -> str:
    """One decision in the wire format."""
    return _reply(lambda: _routers[number].route(prompt).to_dict())


def close_router(number: int) -> str:
    """Forget a router."""
    return _reply(lambda: _routers.pop(number, None) and None)


def _reply(work: Callable[[], Any]) -> str:
    """`+` and the value as JSON, or `-` and the error as JSON."""
    try:
        return "+" + json.dumps(work(), separators=(",", ":"))
    except Exception as error:
        return "-" + json.dumps({"name": type(error).__name__, "message": str(error)})
