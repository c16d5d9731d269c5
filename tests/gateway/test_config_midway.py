"""Requests under way keep what they began with while a config is reloaded; waits outlive it."""

import asyncio
import json
from dataclasses import replace

import pytest
from gateway.asking import EASY, chat, told
from gateway.running import KEY
from gateway.shapes import answer

from tiny_dancer.gateway import Request


def take(gateway, **limits):
    """Put the same config with other limits into service."""
    config = gateway.config
    new = replace(config, limits=replace(config.limits, **limits))

    async def change():
        gateway.gateway.take_config(new)

    gateway.wait(change())


def test_a_request_under_way_keeps_the_limits_it_began_with(running, client, light):
    gateway = running()
    http = client(gateway)
    light.behaviour = "slow headers"

    async def play():
        asking = asyncio.to_thread(http.post, "/v1/chat/completions", json=chat(EASY))
        task = asyncio.ensure_future(asking)
        await asyncio.to_thread(light.wait_for_calls, 1)
        take(gateway, answer_bytes=16)
        light.close()
        return await task

    got = asyncio.run(play())
    assert got.status_code == 200 and told(got)["served-by"] == "big"
    refused = http.post("/v1/chat/completions", json=chat(EASY, model="big"))
    assert "limits.answer_bytes" in refused.json()["error"]["message"]


def test_a_wait_that_an_upstream_asked_for_outlives_a_reload(running, client, light):
    gateway = running(breaker={"enabled": False})
    http = client(gateway)
    light.behaviour, light.raw = "raw", answer('{"error": {}}', status=429, retry_after="600")
    assert told(http.post("/v1/chat/completions", json=chat(EASY)))["served-by"] == "big"
    take(gateway, retries=0)
    again = http.post("/v1/chat/completions", json=chat(EASY, model="light"))
    assert again.status_code == 503 and 1 <= int(again.headers["retry-after"]) <= 600
    assert len(light.calls) == 1


@pytest.mark.parametrize("shadow", [{}, {"share": 1.0}])
@pytest.mark.parametrize("behaviour", ["stall", "comment, then nothing"])
def test_a_stream_that_is_closed_before_its_first_piece_lets_go_of_its_upstream(
    running, light, behaviour, shadow
):
    gateway = running(shadow=shadow)
    light.behaviour = behaviour
    body = json.dumps(chat(EASY, stream=True)).encode()
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    request = Request("POST", "/v1/chat/completions", headers, body)

    async def leave():
        response = await gateway.gateway.handle(request)
        await response.body.aclose()

    gateway.wait(leave())
    light.wait_for_left(1)
    assert 'upstream="small",outcome="ok"' in gateway.gateway.counters.render()
