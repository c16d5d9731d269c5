"""What a client gets from the Worker when an upstream fails: as docs/gateway.md says of CPython."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from edge.workerd import Local
from gateway.faults import RESULTS, SETTINGS, SLOW, ask
from gateway.running import ADMIN, KEY, config_of
from gateway.upstream import Upstream

PATIENCE = {True: {"timeout_s": 5.0, "stall_s": 5.0}, False: {"timeout_s": 300.0, "stall_s": 300.0}}
"""With an upstream that answers slowly or not to its end, and with one that fails at once."""
ROWS = [row for row in json.loads(RESULTS.read_text()) if row["stream"] != row["fallback"]]
"""A diagonal through the table."""
SEEN = ("served_by", "text", "error", "status", "message", "retry_after")


@dataclass
class Served:
    """The Worker and the upstream that fails."""

    worker: Local
    light: Upstream

    def stats(self) -> Any:
        """/v1/stats."""
        return self.worker.ask("/v1/stats", headers={"authorization": f"Bearer {KEY}"}).json

    def check(self, expected: dict[str, Any]) -> None:
        """A row of the table: what the client gets, and what is known about it afterwards."""
        for mode in ("closed", "automatic"):  # whatever the last row did to it
            assert self.worker.hold("small", mode, ADMIN).status == 200
        calls, before = len(self.light.calls), self.stats()
        model = "auto" if expected["fallback"] else "light"
        got = ask(self.worker.url, model, stream=expected["stream"])
        after = self.stats()
        assert got == {name: expected[name] for name in SEEN}
        assert after["breakers"]["small"] == expected["breaker"]
        assert after["total_routes"] - before["total_routes"] == expected["in_history"]
        assert len(self.light.calls) - calls == (expected["calls_of_light"] or 0)


@pytest.fixture(scope="module")
def served(
    program: str,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Served]:
    with running(program, tmp_path_factory.mktemp("d1"), folder, is_slow=request.param) as served:
        yield served
        served.light.close()


@contextmanager
def running(program: str, d1: Path, folder: Path, *, is_slow: bool = False) -> Iterator[Served]:
    """The Worker before two upstreams; whoever takes it closes the light one."""
    light, powerful = Upstream("small-1"), Upstream("big-1")
    raw = config_of(light.url, powerful.url, breaker=SETTINGS)
    raw["upstreams"][0] |= PATIENCE[is_slow]
    with Local(program, d1, folder, config=raw) as worker:
        yield Served(worker, light)
    powerful.close()


@pytest.mark.parametrize(
    ("served", "expected"),
    [
        pytest.param(row["fault"] in SLOW, row, id=f"{row['fault']}, stream {row['stream']}")
        for row in ROWS
        if row["fault"] != "refused"
    ],
    indirect=["served"],
)
def test_a_client_gets_what_the_table_says(served: Served, expected: dict[str, Any]) -> None:
    served.light.behaviour = expected["fault"]
    served.check(expected)


def test_of_an_upstream_that_is_gone_too(program: str, folder: Path, tmp_path: Path) -> None:
    rows = [row for row in ROWS if row["fault"] == "refused"]
    assert len(rows) == 2
    with running(program, tmp_path / "d1", folder) as served:
        served.light.close()
        for expected in rows:
            served.check(expected)
