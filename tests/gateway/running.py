"""A gateway on a loopback port, served in a thread of its own."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

import httpx
from patience import PATIENCE_S

from tiny_dancer import Router
from tiny_dancer.gateway import Gateway, GatewayConfig
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.server.asgi import Application
from tiny_dancer.gateway.server.connection import ServerConfig
from tiny_dancer.gateway.server.http_server import HttpServer
from tiny_dancer.gateway.server.server import listen, open_gateway
from tiny_dancer.history import DecisionRecord

T = TypeVar("T")
KEY, ADMIN = "user-key", "admin-key"
ONCE = {"retries": 0, "answer_bytes": 1 << 20}
"""Limits of a gateway that asks an upstream once."""

PATIENT = {
    **{"headers_s": PATIENCE_S, "body_s": PATIENCE_S, "write_s": PATIENCE_S},
    **{"keep_alive_s": PATIENCE_S, "deadline_s": 2 * PATIENCE_S},
}
"""Limits of every gateway, unless a test is about them."""


def config_of(light: str, powerful: str, **changes: Any) -> dict[str, Any]:
    """The plain form of a config with two upstreams, a user's key and an admin's."""
    patient: dict[str, Any] = {"timeout_s": PATIENCE_S, "stall_s": PATIENCE_S}
    small = {"name": "small", "serves": "light", "base_url": light, "model": "small-1"}
    big = {"name": "big", "serves": "powerful", "base_url": powerful, "model": "big-1"}
    vectors = {"name": "vectors", "kind": "embeddings", "base_url": powerful, "model": "v-1"}
    labels = {"cheap": "light", "dear": "powerful"}
    raw: dict[str, Any] = {
        "keys": [{"name": "user", "sha256": sha256(KEY.encode()).hexdigest()}],
        "admin_keys": [{"name": "admin", "sha256": sha256(ADMIN.encode()).hexdigest()}],
        "decisions": {"tier": {"labels": labels}, "enough": {"predicate": "light"}},
        "limits": {"backoff_s": 0.01, "answer_bytes": 1 << 20},
        "upstreams": [
            {**small, **patient, "price_in": 1.0, "price_out": 2.0},
            {**big, **patient, "price_in": 10.0, "price_out": 20.0, "vision": True},
            {**vectors, **patient},
        ],
    }
    raw |= changes
    raw["limits"] = PATIENT | raw["limits"]
    return json.loads(json.dumps(raw))


class Running:
    """A served gateway.

    Attributes:
        config: its settings.
        gateway: the gateway itself, to look inside.
        url: where it listens.
    """

    def __init__(self, raw: dict[str, Any], secret: dict[str, str] | None = None) -> None:
        self.config: GatewayConfig = read_config(raw, (secret or {}).get)
        self._ready = threading.Event()
        self._socket = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = HttpServer(Application(self._opening), self.config.limits)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)

    @asynccontextmanager
    async def _opening(self) -> AsyncIterator[Gateway]:
        async with open_gateway(self.config) as gateway:
            self.gateway = gateway
            self._loop = asyncio.get_running_loop()
            self._ready.set()
            yield gateway

    def _run(self) -> None:
        asyncio.run(self._server.serve([self._socket]))

    @property
    def router(self) -> Router:
        return self.gateway.router

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Its result, from the server's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE_S)

    def stats(self, key: str = KEY) -> Any:
        """/v1/stats of a key, once all that waits is written."""
        self.wait(self.router.flush())
        headers = {"authorization": f"Bearer {key}"}
        return httpx.get(
            f"{self.url}/v1/stats", headers=headers, trust_env=False, timeout=PATIENCE_S
        ).json()

    def decisions(self) -> list[DecisionRecord]:
        """What the store holds, once all that waits is written."""
        self.wait(self.router.flush())
        return self.wait(self.gateway.store.query_routings(10_000))

    def bound(self, **limits: Any) -> None:
        """Bound connections otherwise from now on."""
        config = self._server.config
        assert isinstance(config, ServerConfig)
        config.limits = replace(config.limits, **limits)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        self._socket.close()
        assert not self._thread.is_alive()
