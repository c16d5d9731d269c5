"""Sessions that go back and forth between CPython and the Worker: both decide and mark alike."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from edge.workerd import Local
from gateway.agents.conftest import NATIVE, Field, field  # noqa: F401
from gateway.agents.test_agent_sessions import *  # noqa: F403
from gateway.agents.test_complaints import *  # noqa: F403
from gateway.running import Running


@pytest.fixture
def serve(
    field: Field,  # noqa: F811
    program: str,
    folder: Path,
    tmp_path: Path,
) -> Iterator[Callable[..., None]]:
    """Starts the Worker, and a gateway on CPython: requests go to them in turn."""
    started: list[Any] = []

    def start(api: list[str] = NATIVE, **changes: Any) -> None:
        raw = field.config(api, **changes)
        worker = Local(program, tmp_path / "d1", folder, config=raw)
        started.append(worker.__exit__)
        cpython = Running(raw)
        started.append(lambda *_: cpython.close())
        field.urls += [worker.url, cpython.url]

    yield start
    for end in started:
        end(None, None, None)
