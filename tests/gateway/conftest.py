from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from gateway.running import KEY, ONCE, Running, config_of
from gateway.upstream import Upstream
from patience import PATIENCE_S


@pytest.fixture
def light() -> Iterator[Upstream]:
    upstream = Upstream("small-1")
    yield upstream
    upstream.close()


@pytest.fixture
def powerful() -> Iterator[Upstream]:
    upstream = Upstream("big-1")
    yield upstream
    upstream.close()


@pytest.fixture
def running(light: Upstream, powerful: Upstream) -> Iterator[Callable[..., Running]]:
    """Starts a gateway before the two upstreams; keyword arguments change its config."""
    started: list[Running] = []

    def run(**changes: Any) -> Running:
        secret = changes.pop("secret", None)
        started.append(Running(config_of(light.url, powerful.url, **changes), secret))
        return started[-1]

    yield run
    for one in started:
        one.close()


@pytest.fixture
def address(running: Callable[..., Running]) -> str:
    """Of a gateway that asks an upstream once; tests/edge has a Worker instead."""
    return running(limits=ONCE).url


@pytest.fixture
def host() -> str:
    """What serves `address`; tests/edge says `workerd`."""
    return "cpython"


@pytest.fixture
def client() -> Iterator[Callable[..., httpx.Client]]:
    """An HTTP client with a user's key."""
    opened: list[httpx.Client] = []

    def make(gateway: Running, key: str | None = KEY) -> httpx.Client:
        headers = {"authorization": f"Bearer {key}".encode("latin-1")} if key else {}
        opened.append(
            httpx.Client(base_url=gateway.url, headers=headers, timeout=PATIENCE_S, trust_env=False)
        )
        return opened[-1]

    yield make
    for one in opened:
        one.close()
