from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gateway.formats.scripted import Asked, Scripted
from gateway.running import Running, config_of


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    """Starts upstreams that answer as they are told."""
    started: list[Scripted] = []

    def start(answer: Any) -> Scripted:
        def give(_: Asked) -> Any:
            return answer

        started.append(Scripted(answer if callable(answer) else give))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def gateway_of() -> Iterator[Callable[..., Running]]:
    """Starts a gateway before two upstreams; `light` and `powerful` change their settings."""
    started: list[Running] = []

    def start(
        light_url: str,
        powerful_url: str,
        light: dict[str, Any] | None = None,
        powerful: dict[str, Any] | None = None,
        secret: dict[str, str] | None = None,
        **changes: Any,
    ) -> Running:
        raw = config_of(light_url, powerful_url, **changes)
        raw["upstreams"][0] |= light or {}
        raw["upstreams"][1] |= powerful or {}
        started.append(Running(raw, secret))
        return started[-1]

    yield start
    for one in started:
        one.close()
