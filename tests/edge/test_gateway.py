"""What tests/gateway asks of the server on CPython, asked of the Worker on workerd with D1."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from edge.workerd import Local
from gateway.running import ADMIN, ONCE, config_of
from gateway.test_addresses import *  # noqa: F403
from gateway.test_blame import *  # noqa: F403
from gateway.test_clients import *  # noqa: F403
from gateway.test_decision_endpoints import *  # noqa: F403
from gateway.test_dry_run import *  # noqa: F403
from gateway.test_malformed import *  # noqa: F403
from gateway.test_requests import *  # noqa: F403
from gateway.test_shapes import *  # noqa: F403
from gateway.upstream import Upstream

BREAKERS = ("small", "big", "vectors")


@pytest.fixture(scope="module")
def served(
    program: str,
    folder: Path,
    upstreams: tuple[Upstream, Upstream],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Local]:
    """The Worker before them."""
    raw = config_of(*(upstream.url for upstream in upstreams), limits=ONCE)
    with Local(program, tmp_path_factory.mktemp("d1"), folder, config=raw) as worker:
        yield worker


@pytest.fixture
def host() -> str:
    return "workerd"


@pytest.fixture
def light(upstreams: tuple[Upstream, Upstream]) -> Upstream:
    return upstreams[0]


@pytest.fixture
def powerful(upstreams: tuple[Upstream, Upstream]) -> Upstream:
    return upstreams[1]


@pytest.fixture
def address(served: Local, upstreams: tuple[Upstream, Upstream]) -> str:
    """Of the Worker; its upstreams are well and its breakers closed, whatever the last test did."""
    for upstream in upstreams:
        upstream.behaviour = "ok"
    for model in BREAKERS:
        for mode in ("closed", "automatic"):
            answer = served.hold(model, mode, ADMIN)
            assert answer.status == 200, answer.text
    return served.url
