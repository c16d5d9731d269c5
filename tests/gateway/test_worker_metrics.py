"""The metrics of several processes as one, and the chores that keep them."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest
from gateway.running import config_of
from patience import PATIENCE_S

import tiny_dancer
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.server import server
from tiny_dancer.gateway.server.worker_metrics import OF_A_LIFE, WorkerMetrics
from tiny_dancer.history.readings.metrics import BOUNDS_US, RoutingMetrics
from tiny_dancer.history.readings.prometheus import render

SOURCES = Path(tiny_dancer.__file__).parent
SUMS = {"tiny_dancer_saved_money", "tiny_dancer_saved_on_asked_money"}
"""Gauges that add up over processes and outlive them: a sum that may fall."""


def test_every_gauge_is_known_to_be_momentary_or_a_sum():
    text = "\n".join(path.read_text("utf-8") for path in sorted(SOURCES.rglob("*.py")))
    gauges = re.findall(r'"(tiny_dancer_\w+)",\s*"gauge",', text)
    assert len(gauges) == text.count('"gauge",') > len(SUMS)
    assert set(gauges) == {*OF_A_LIFE, *SUMS}


def test_policies_that_cannot_be_read_are_counted_once_and_end_with_their_process(tmp_path):
    none = RoutingMetrics({}, 0, (0,) * (len(BOUNDS_US) + 1), 0.0, {}, {}, 0.0, 0.0, 0)
    bad, good = render(replace(none, unreadable_policies=1)), render(none)
    for place in range(4):
        WorkerMetrics(tmp_path, place, shares_store=True).write(bad)
    name = "tiny_dancer_unreadable_policies"
    assert f"{name} 1\n" in WorkerMetrics(tmp_path, 0, shares_store=True).sum(bad)
    for place in range(4):  # each is replaced, once the policy was mended
        WorkerMetrics(tmp_path, place, shares_store=True).write(good)
    assert f"{name} 0\n" in WorkerMetrics(tmp_path, 0, shares_store=True).sum(good)


def test_a_chore_that_fails_says_so_once_and_goes_on():
    async def run():
        answers = iter([OSError(28, "No space left"), OSError(28, "No space left"), None])
        lines, is_done = [], asyncio.Event()

        async def chore():
            if (fault := next(answers)) is not None:
                raise fault
            is_done.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(server._repeat(chore, 0.0, lines.append))
        await asyncio.wait_for(is_done.wait(), PATIENCE_S)
        task.cancel()
        assert len(lines) == 1 and "No space left" in lines[0]

    asyncio.run(run())


@pytest.mark.parametrize("is_full_at_the_end", [False, True])
def test_counts_are_kept_after_a_write_that_failed_and_written_before_the_gateway_ends(
    is_full_at_the_end, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(server, "METRICS_S", 0.0)

    class Full(WorkerMetrics):
        faults, written = 1, 0

        def write(self, text):
            if self.faults:
                self.faults -= 1
                raise OSError(28, "No space left on device")
            super().write(text)
            self.written += 1

    config = read_config(config_of("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1"), {}.get)

    async def run():
        metrics = Full(tmp_path, 0, shares_store=False)
        async with server.open_gateway(config, metrics=metrics) as gateway:
            while not metrics.written:
                await asyncio.sleep(0)
            gateway.counters.count_response("/healthz", 200)
            metrics.faults = int(is_full_at_the_end)
        assert metrics.written == 1 + (not is_full_at_the_end)

    asyncio.run(asyncio.wait_for(run(), PATIENCE_S))
    said = capsys.readouterr().out
    assert said.count("No space left") == 1 + is_full_at_the_end
    assert ("the last counts are lost" in said) == is_full_at_the_end
