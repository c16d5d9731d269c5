"""The five hundred requests: every kind of answer is among them, and each run gives the same."""

from collections import Counter

import httpx
import pytest
from gateway.processes import has_workerd, workerd
from gateway.running import KEY, Running, config_of
from gateway.same import N, play
from patience import PATIENCE_S

from tiny_dancer import Router


def test_two_gateways_give_the_same_answers(light, powerful, tmp_path):
    seen = []
    for changes in ({}, {"storage": {"path": str(tmp_path / "history.db")}}):
        gateway = Running(config_of(light.url, powerful.url, **changes))
        try:
            seen.append(play(gateway.url))
            assert gateway.router.metrics().dropped == 0
        finally:
            gateway.close()
    assert len(seen[0]) == N
    assert seen[0] == seen[1]
    statuses = Counter(one["status"] for one in seen[0])
    assert set(statuses) == {200, 400, 401, 403, 404, 405, 431, 501, 502, 503}
    assert statuses[200] > 450
    reasons = {one["headers"].get("x-tiny-dancer-reason") for one in seen[0]}
    assert {
        "above_threshold",
        "below_threshold",
        "capability",
        "empty_prompt",
        "forced",
        "sticky",
        "unfamiliar_input",
    } <= reasons


@pytest.mark.full
def test_the_worker_gives_the_same_answers(light, powerful, tmp_path):
    if not has_workerd():
        pytest.skip("no Worker: ./build.sh edge")
    raw = config_of(light.url, powerful.url)
    with workerd(raw, tmp_path) as url:
        headers = {"authorization": f"Bearer {KEY}"}
        stats = httpx.get(
            f"{url}/v1/stats", headers=headers, timeout=PATIENCE_S, trust_env=False
        ).json()
        if stats["bundle_hash"] != Router().bundle.bundle_hash:
            pytest.skip("the Worker was laid out with another bundle: ./build.sh edge")
        there = play(url)
    gateway = Running(raw)
    try:
        here = play(gateway.url)
    finally:
        gateway.close()
    assert len(there) == N
    assert there == here
