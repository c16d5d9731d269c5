"""A gateway on CPython, served by uvicorn."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from ...errors import StoreError
from ...history import HistoryStore, MemoryStore, SQLiteStore
from ...router import Router
from ..config.error import ConfigError
from ..config.settings import GatewayConfig
from ..endpoints.admin_reload import reload_files
from ..endpoints.metrics import render_metrics
from ..gateway import Gateway
from ..http.api_error import ApiError
from . import early_imports  # noqa: F401
from .asgi import Application
from .config_file import prepare_bundle
from .descriptors import fit_limits
from .http_server import HttpServer
from .httpcore_fetch import HttpcoreFetch
from .worker_metrics import WorkerMetrics

if TYPE_CHECKING:
    from ..traces.otel import OtelSpans

BACKLOG: Final = 2048

METRICS_S: Final = 0.5
"""Between two looks for counts that other processes do not know of."""

SWEEP_S: Final = 5.0
"""Between two looks for idle connections that an upstream has closed."""


@asynccontextmanager
async def open_gateway(
    config: GatewayConfig,
    read_config: Callable[[], GatewayConfig] | None = None,
    metrics: WorkerMetrics | None = None,
) -> AsyncIterator[Gateway]:
    """A gateway with its router, store and connections; all are closed at the end.

    Args:
        config: the settings.
        read_config: reads them anew, on SIGHUP and at `/admin/reload`; None where no file holds
            them.
        metrics: of all processes that serve together; None where this one serves alone.
    """
    store: HistoryStore = SQLiteStore(config.storage) if config.storage else MemoryStore()
    router = Router(config.router, store=store)
    fetch = HttpcoreFetch(most_idle=config.limits.connections)
    spans = _open_spans(config)
    gateway = Gateway(
        config,
        router,
        store,
        fetch if spans is None else spans.trace_fetch(fetch),
        spans=spans,
        prepare_bundle=partial(prepare_bundle, router),
        read_config=read_config,
        run_aside=asyncio.to_thread,
        sum_metrics=metrics.sum if metrics is not None else None,
        log=partial(print, flush=True),
    )
    chores = [asyncio.ensure_future(_repeat(fetch.drop_dead, SWEEP_S, gateway.log))]
    if metrics is not None:
        chores.append(asyncio.ensure_future(_keep_metrics(gateway, metrics)))
    _listen_to_hangups(gateway)
    try:
        yield gateway
    finally:
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        await fetch.aclose()
        await router.aclose()
        if spans is not None:
            await asyncio.to_thread(spans.close)


def _open_spans(config: GatewayConfig) -> "OtelSpans | None":
    """What makes spans, where they go anywhere.

    Raises:
        ConfigError: OpenTelemetry is not installed.
    """
    if config.traces.endpoint is None:
        return None
    try:
        from ..traces.otel import OtelSpans
    except ImportError as error:
        raise ConfigError(
            f"traces.endpoint: {error.name} is missing: pip install '.[otel]' in a clone"
        ) from None
    return OtelSpans(config.traces)


async def _repeat(
    chore: Callable[[], Awaitable[object]], every_s: float, log: Callable[[str], object]
) -> None:
    """Do a chore again and again; why it fails is logged once, and it is tried again."""
    known = ""
    while True:
        await asyncio.sleep(every_s)
        try:
            await chore()
            known = ""
        except Exception as error:
            fault = f"tiny-dancer gateway: {type(error).__name__}: {error}"
            if fault != known:
                log(fault)
            known = fault


async def _keep_metrics(gateway: Gateway, metrics: WorkerMetrics) -> None:
    """Write them down for the other processes whenever they have changed."""
    kept = ""

    async def write() -> None:
        nonlocal kept
        if (text := render_metrics(gateway)) != kept:
            metrics.write(text)
            kept = text

    try:
        await _repeat(write, METRICS_S, gateway.log)
    finally:
        try:
            await write()
        except OSError as error:
            gateway.log(f"tiny-dancer gateway: the last counts are lost: {error}")


def _listen_to_hangups(gateway: Gateway) -> None:
    """Read the files anew on SIGHUP, where this host has it and this is the main thread."""
    reloads: set[asyncio.Task[None]] = set()  # the loop itself keeps no task alive

    def begin() -> None:
        reloads.add(task := asyncio.ensure_future(reload()))
        task.add_done_callback(reloads.discard)

    async def reload() -> None:
        while gateway.is_reloading:  # it may have read the files before they were changed
            await asyncio.sleep(0.05)
        try:
            await reload_files(gateway)
        except ApiError as error:
            gateway.log(f"tiny-dancer gateway: not reloaded: {error.message}")
        except StoreError as error:
            gateway.log(f"tiny-dancer gateway: reloaded, but for the candidates: {error}")
        else:
            gateway.log("tiny-dancer gateway: config and bundle reloaded")

    with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, begin)


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
    metrics: WorkerMetrics | None = None,
    tell_ready: Callable[[], object] | None = None,
) -> None:
    """Serve in this process until it is told to stop.

    Args:
        config: the settings.
        listener: what clients connect to.
        read_config: as for `open_gateway`.
        metrics: of all processes that serve together; None where this one serves alone.
        tell_ready: called once clients can connect.

    Raises:
        TinyDancerError: it cannot start.
    """
    limits = fit_limits(config.limits)
    if limits != config.limits:
        print(
            f"tiny-dancer gateway: {limits.connections} of {config.limits.connections} "
            "limits.connections: this process may not open more files (ulimit -n)",
            flush=True,
        )
    config = replace(config, limits=limits)
    application = Application(partial(open_gateway, config, read_config, metrics))
    HttpServer(application, limits, tell_ready).serve_on(listener)
