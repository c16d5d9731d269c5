"""A gateway on CPython, served by uvicorn."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.routing import Router as Application
from uvicorn.supervisors import Multiprocess

from ...history import HistoryStore, MemoryStore, SQLiteStore
from ...router import Router
from ..config.error import ConfigError
from ..config.settings import GatewayConfig
from ..endpoints.admin_reload import reload_files
from ..gateway import Gateway
from ..http.api_error import ApiError
from .asgi import build_application
from .config_file import read_file, reload_bundle
from .httpcore_fetch import HttpcoreFetch

CONFIG_VARIABLE = "TINY_DANCER_GATEWAY_CONFIG"
"""Names the config file to the processes that uvicorn starts."""

BACKLOG: Final = 2048

SWEEP_S: Final = 5.0
"""Between two looks for idle connections that an upstream has closed."""


def build_from_environment() -> Application:
    """The application for the config that the environment names; for uvicorn's own processes."""
    read = partial(read_file, Path(os.environ[CONFIG_VARIABLE]))
    return build_application(partial(open_gateway, read(), read))


@asynccontextmanager
async def open_gateway(
    config: GatewayConfig, read_config: Callable[[], GatewayConfig] | None = None
) -> AsyncIterator[Gateway]:
    """A gateway with its router, store and connections; all are closed at the end.

    Args:
        config: the settings.
        read_config: reads them anew, on SIGHUP and at `/admin/reload`; None where no file holds
            them.
    """
    store: HistoryStore = SQLiteStore(config.storage) if config.storage else MemoryStore()
    router = Router(config.router, store=store)
    fetch = HttpcoreFetch()
    gateway = Gateway(
        config,
        router,
        store,
        fetch,
        reload_bundle=partial(reload_bundle, router),
        read_config=read_config,
        log=partial(print, flush=True),
    )
    sweeping = asyncio.ensure_future(_sweep(fetch))
    _listen_to_hangups(gateway)
    try:
        yield gateway
    finally:
        sweeping.cancel()
        await fetch.aclose()
        await router.aclose()


async def _sweep(fetch: HttpcoreFetch) -> None:
    while True:
        await asyncio.sleep(SWEEP_S)
        await fetch.drop_dead()


def _listen_to_hangups(gateway: Gateway) -> None:
    """Read the files anew on SIGHUP, where this host has it and this is the main thread."""

    def reload() -> None:
        try:
            reload_files(gateway)
        except ApiError as error:
            gateway.log(f"tiny-dancer gateway: not reloaded: {error.message}")
        else:
            gateway.log("tiny-dancer gateway: config and bundle reloaded")

    with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)


def listen(host: str, port: int) -> socket.socket:
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


def run(
    config: GatewayConfig,
    listener: socket.socket,
    read_config: Callable[[], GatewayConfig] | None = None,
) -> None:
    """Serve in this process until it is told to stop."""
    application = build_application(partial(open_gateway, config, read_config))
    uvicorn.Server(uvicorn.Config(application, **server_options(config))).run([listener])


def run_many(config: GatewayConfig, listener: socket.socket, workers: int) -> None:
    """Serve in several processes, which read the config that the environment names."""
    factory = f"{__name__}:{build_from_environment.__name__}"
    settings = uvicorn.Config(factory, factory=True, workers=workers, **server_options(config))
    Processes(settings, sockets=[listener]).run()


class Processes(Multiprocess):
    """uvicorn's processes, which live on through a SIGHUP and read the config anew."""

    def handle_hup(self) -> None:
        """Hand the signal on."""
        for process in self.processes:
            if process.pid is not None:
                os.kill(process.pid, signal.SIGHUP)


def server_options(config: GatewayConfig) -> dict[str, Any]:
    """Settings of uvicorn."""
    limits = config.limits
    logging.getLogger("uvicorn.error").addFilter(_is_worth_a_line)
    return {
        "access_log": False,  # addresses and query strings are nobody's business
        "log_level": "warning",
        "limit_concurrency": limits.connections,
        "timeout_keep_alive": max(1, round(limits.keep_alive_s)),
        "timeout_graceful_shutdown": round(limits.grace_s),
        "server_header": False,
        "lifespan": "on",
        "ws": "none",
    }


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    """False for uvicorn's words on `Upgrade: h2c`, which curl sends with `--http2`."""
    text = record.getMessage()
    return not text.startswith(("Unsupported upgrade request", "No supported WebSocket library"))
