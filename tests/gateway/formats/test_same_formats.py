"""Five hundred requests of each format: every kind of answer, and the same of each host."""

from collections import Counter

import pytest
from gateway.formats.same_formats import N, config_for, play
from gateway.formats.speaking import answer
from gateway.processes import has_workerd, workerd
from gateway.running import Running


@pytest.fixture
def raw(light, scripted):
    return config_for(light.url, scripted(answer).url)


@pytest.mark.parametrize("name", ["messages", "responses"])
def test_two_gateways_give_the_same_answers_in_each_format(raw, tmp_path, name):
    seen = []
    for changes in ({}, {"storage": {"path": str(tmp_path / "history.db")}}):
        gateway = Running(raw | changes)
        try:
            seen.append(play(gateway.url, name))
        finally:
            gateway.close()
    assert len(seen[0]) == N
    assert seen[0] == seen[1]
    statuses = Counter(one["status"] for one in seen[0])
    assert set(statuses) >= {200, 400, 401, 404, 405, 502}
    assert statuses[200] > 440
    served = Counter(one["headers"].get("x-tiny-dancer-served-by") for one in seen[0])
    assert served["small"] > 50 and served["big"] > 50  # translated, and native
    dropped = {one["headers"].get("x-tiny-dancer-dropped") for one in seen[0]}
    assert {None, "metadata", "thinking" if name == "messages" else "reasoning"} <= dropped


@pytest.mark.full
@pytest.mark.parametrize("name", ["messages", "responses"])
def test_the_worker_gives_the_same_answers_in_each_format(raw, tmp_path, name):
    if not has_workerd():
        pytest.skip("no Worker: ./build.sh edge")
    with workerd(raw, tmp_path) as url:
        there = play(url, name)
    gateway = Running(raw)
    try:
        here = play(gateway.url, name)
    finally:
        gateway.close()
    assert len(there) == N
    assert there == here
