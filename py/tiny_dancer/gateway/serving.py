"""A gateway on CPython: config file, SQLite store, httpx."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from ..errors import InvalidInputError
from ..history import HistoryStore, MemoryStore, SQLiteStore
from ..model import read_bundle
from ..router import Reloaded, Router
from .asgi import application
from .config import GatewayConfig
from .fleet import Fleet
from .gateway import Gateway
from .httpx_fetch import HttpxFetch
from .read_config import from_json, from_toml
from .table import ConfigError

CONFIG_VARIABLE = "TINY_DANCER_GATEWAY_CONFIG"
"""Names the config file to the processes that uvicorn starts."""


def read_file(path: Path) -> GatewayConfig:
    """The settings of a file, TOML or (by its ending) JSON; secrets come from the environment.

    Raises:
        ConfigError: it cannot be read or is malformed; names the file.
    """
    try:
        text = path.read_text(encoding="utf-8")
        read = from_json if path.suffix == ".json" else from_toml
        return read(text, os.environ.get)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def from_environment() -> Starlette:
    """The application for the config that the environment names; for uvicorn's own processes."""
    return application(partial(opened, read_file(Path(os.environ[CONFIG_VARIABLE]))))


@asynccontextmanager
async def opened(config: GatewayConfig) -> AsyncIterator[Gateway]:
    """A gateway with its router, store and connections; all are closed at the end."""
    store: HistoryStore = SQLiteStore(config.storage) if config.storage else MemoryStore()
    router = Router(config.router, store=store)
    fetch = HttpxFetch(config.upstreams)
    try:
        yield Gateway(config, router, store, fetch, reload=partial(reload, config, router))
    finally:
        await fetch.aclose()
        await router.aclose()


def reload(config: GatewayConfig, router: Router) -> Reloaded:
    """Put the bundle's file into service anew, if the upstreams fit its models.

    Raises:
        BundleError: it is not valid; the old one stays.
        InvalidInputError: it does not fit the config or the candidates; the old one stays.
    """
    source = config.policy.bundle
    if source is None:
        raise InvalidInputError("policy.bundle: the config names no file to read again")
    try:
        data = Path(source).read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{source}: {error.strerror}") from None
    Fleet.of(config, read_bundle(data).config.models)
    return router.reload_model(data)


def run(config: GatewayConfig, host: str, port: int) -> None:
    """Serve in this process until it is told to stop."""
    uvicorn.run(application(partial(opened, config)), host=host, port=port, **_SERVER)


def run_many(host: str, port: int, workers: int) -> None:
    """Serve in several processes, which read the config that the environment names."""
    factory = f"{__name__}:{from_environment.__name__}"
    uvicorn.run(factory, factory=True, host=host, port=port, workers=workers, **_SERVER)


_SERVER: Final[dict[str, Any]] = {
    "access_log": False,  # addresses and query strings are nobody's business
    "log_level": "warning",
    "timeout_graceful_shutdown": 30,
    "server_header": False,
    "lifespan": "on",
    "ws": "none",
}
