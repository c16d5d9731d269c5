"""A gateway on CPython: config file, SQLite store, httpx."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from ...errors import InvalidInputError
from ...files.input import name_of, read_text
from ...history import HistoryStore, MemoryStore, SQLiteStore
from ...hosts.package_data import default_bundle
from ...model import read_bundle
from ...router import Router
from ...service import Reloaded
from ..config.reader import from_json, from_toml
from ..config.settings import GatewayConfig
from ..config.table import ConfigError
from ..context import models_of
from ..gateway import Gateway
from ..routing.fleet import Fleet
from .asgi import application
from .httpx_fetch import HttpxFetch

CONFIG_VARIABLE = "TINY_DANCER_GATEWAY_CONFIG"
"""Names the config file to the processes that uvicorn starts."""

BACKLOG: Final = 2048


def read_file(path: Path) -> GatewayConfig:
    """The settings of a file, TOML or (by its ending) JSON; secrets come from the environment.

    Raises:
        ConfigError: it cannot be read or is malformed; names the file.
    """
    try:
        text = read_text(path)
    except InvalidInputError as error:
        raise ConfigError(str(error)) from None
    read = from_json if path.suffix.lower() == ".json" else from_toml
    try:
        return read(text, os.environ.get)
    except ConfigError as error:
        raise ConfigError(f"{name_of(path)}: {error}") from None


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


def check(config: GatewayConfig) -> None:
    """See that the bundle is there and the upstreams fit it, before anything is started.

    Raises:
        BundleError: it is not valid.
        ConfigError: a model of it has no upstream.
    """
    source = config.policy.bundle or default_bundle()
    bundle = read_bundle(source) if source is not None else None
    Fleet.of(config, models_of(bundle))


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; 0 takes any free port.

    What it accepts sends at once. Otherwise the second half of each answer would wait for the
    client's acknowledgement of the first, 40 ms on Linux: asyncio only sees to that for sockets
    that it opened itself.

    Raises:
        ConfigError: the address cannot be had.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, proto)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return opened


def run(config: GatewayConfig, host: str, port: int) -> None:
    """Serve in this process until it is told to stop."""
    settings = uvicorn.Config(application(partial(opened, config)), **_SERVER)
    uvicorn.Server(settings).run([listening(host, port)])


def run_many(host: str, port: int, workers: int) -> None:
    """Serve in several processes, which read the config that the environment names."""
    factory = f"{__name__}:{from_environment.__name__}"
    settings = uvicorn.Config(factory, factory=True, workers=workers, **_SERVER)
    Multiprocess(settings, sockets=[listening(host, port)]).run()


_SERVER: Final[dict[str, Any]] = {
    "access_log": False,  # addresses and query strings are nobody's business
    "log_level": "warning",
    "timeout_graceful_shutdown": 30,
    "server_header": False,
    "lifespan": "on",
    "ws": "none",
}
