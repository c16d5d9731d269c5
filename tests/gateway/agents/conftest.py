import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from gateway.agents.strict import Served, Strict
from gateway.running import ADMIN, KEY, Running, config_of
from patience import PATIENCE_S

NATIVE = ["chat", "messages", "responses"]


class Field:
    """Two strict upstreams, and the gateways before them, which share nothing.

    Attributes:
        light, powerful: the upstreams.
        log: what they served.
        urls: of the gateways.
    """

    def __init__(self) -> None:
        self.log: list[Served] = []
        self.light, self.powerful = Strict("small", self.log), Strict("big", self.log)
        self.urls: list[str] = []

    @property
    def refused(self) -> list[str]:
        return [*self.light.refused, *self.powerful.refused]

    def find(self, name: str) -> Strict:
        """The upstream of this name."""
        return self.light if name == "small" else self.powerful

    def recover(self) -> None:
        """Both upstreams are well again, and no breaker is open."""
        self.light.status = self.powerful.status = 200
        for url in self.urls:
            for model in ("light", "powerful"):
                for mode in ("closed", "automatic"):
                    hold(url, model, mode)

    def config(self, api: list[str], **changes: Any) -> dict[str, Any]:
        """Settings with these upstreams."""
        limits = {"retries": 0}
        raw = config_of(self.light.url, self.powerful.url, **{"limits": limits, **changes})
        if "upstreams" not in changes:
            for one in raw["upstreams"][:2]:
                one |= {"api": api, "vision": True}
        return raw


def say(text: str) -> dict[str, Any]:
    """A user's message, in any format."""
    return {"role": "user", "content": text}


def hold(url: str, model: str, mode: str) -> None:
    """Hold a breaker of one gateway."""
    headers = {"authorization": f"Bearer {ADMIN}"}
    body = {"model": model, "mode": mode}
    httpx.post(
        f"{url}/admin/breaker", json=body, headers=headers, trust_env=False, timeout=PATIENCE_S
    ).raise_for_status()


@pytest.fixture
def field() -> Iterator[Field]:
    found = Field()
    yield found
    found.light.close()
    found.powerful.close()


@pytest.fixture
def serve(field: Field) -> Iterator[Callable[..., None]]:
    """Starts two gateways before the field's upstreams; tests/edge has a Worker as the second."""
    started: list[Running] = []

    def start(api: list[str] = NATIVE, n: int = 2, **changes: Any) -> None:
        for _ in range(n):
            started.append(Running(field.config(api, **changes)))
            field.urls.append(started[-1].url)

    yield start
    for one in started:
        one.close()


@pytest.fixture
def ask(field: Field) -> Iterator[Callable[..., httpx.Response]]:
    """Sends a body to the next of the gateways."""
    n = itertools.count()
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(headers=headers, timeout=PATIENCE_S, trust_env=False) as http:

        def send(path: str, **body: Any) -> httpx.Response:
            url = field.urls[next(n) % len(field.urls)]
            return http.post(f"{url}/v1/{path}", json={"model": "auto", **body})

        yield send
