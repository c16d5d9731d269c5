"""Retry-After without breakers, the log, and the metrics' statuses."""

import json
import re

import pytest
from gateway.asking import EASY, chat, told
from gateway.running import KEY
from gateway.shapes import answer

OFF = {"enabled": False}


def ask(http, model="auto"):
    return http.post("/v1/chat/completions", json=chat(EASY, model=model))


@pytest.mark.parametrize("wait", ["600.5", "600"])
def test_a_wait_is_honoured_with_breakers_off(running, client, light, wait):
    http = client(running(breaker=OFF, limits={"retries": 3, "backoff_s": 0.01}))
    light.behaviour = "raw"
    light.raw = answer('{"error": {"message": "x"}}', status=429, retry_after=wait)
    assert told(ask(http))["served-by"] == "big"
    assert len(light.calls) == 1
    again = ask(http, "light")
    assert again.status_code == 503 and 1 <= int(again.headers["retry-after"]) <= float(wait) + 1
    assert told(ask(http))["served-by"] == "big"
    assert len(light.calls) == 1


def test_what_an_upstream_says_is_logged_without_key_or_prompt(running, client, light, capfd):
    gateway = running()
    http = client(gateway)
    light.behaviour = "raw"
    message = f"Incorrect API key provided: sk-verysecretkey. {EASY}"
    body = {"message": "No credit is left.", "type": "billing", "code": "insufficient_balance"}
    light.raw = answer(json.dumps({"error": body}), status=402, x_request_id="req_up")
    assert told(ask(http))["served-by"] == "big"
    light.raw = answer(json.dumps({"error": {**body, "message": message}}), status=400)
    http.post("/v1/chat/completions", json=chat(EASY, model="light"))
    gateway.close()
    out = "".join(capfd.readouterr())
    assert "upstream small: status, status 402, fault of the configuration" in out
    assert "code insufficient_balance, request req_up, No credit is left." in out
    assert "upstream small: breaker open" in out
    assert re.search(r"POST /v1/chat/completions 200, \d+ ms, .*served-by big, key user, req-", out)
    assert EASY not in out and "verysecret" not in out and KEY not in out


def test_why_an_upstream_could_not_be_reached_is_logged(running, client, light, capfd):
    gateway = running()
    light.close()
    assert told(ask(client(gateway)))["served-by"] == "big"
    gateway.close()
    assert re.search(
        r"upstream small: unreachable.*ConnectError.*Connect call failed", capfd.readouterr().out
    )


def test_the_metrics_have_the_status(running, client, light):
    http = client(running())
    light.behaviour = "401"
    ask(http)
    text = http.get("/metrics").text
    assert 'upstream_calls_total{upstream="small",outcome="status",status="401"} 1' in text
