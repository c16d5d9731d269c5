"""Settings that change whom the Worker asks and how: what tests/gateway holds on CPython."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
from edge.workerd import Local
from gateway.asking import EASY, HARD, chat, told
from gateway.running import ADMIN, KEY, config_of
from gateway.shapes import answer, stream
from gateway.test_needs import NEEDS, NEEDY
from gateway.upstream import Upstream

CHAT = "/v1/chat/completions"
BOMB = bytes(24 << 20)


@pytest.fixture(scope="module")
def served(
    program: str,
    folder: Path,
    upstreams: tuple[Upstream, Upstream],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Local]:
    """A Worker without breakers, whose light model can do nothing beside text."""
    raw: dict[str, Any] = config_of(
        *(one.url for one in upstreams),
        breaker={"enabled": False},
        aliases={"gpt-4o": "auto", "cheap": "small"},
        limits={"retries": 0, "answer_bytes": 1 << 20, "event_bytes": 4 << 20},
    )
    raw["upstreams"][0] |= dict.fromkeys(NEEDS, False) | {
        "context": 1_000,
        "headers": {"X-Team": "blue"},
        "query": {"api-version": "2026-01-01"},
        "auth": "api-key",
        "key_env": "AZURE",
    }
    raw["upstreams"][1] |= dict.fromkeys(NEEDS, True)
    d1 = tmp_path_factory.mktemp("d1")
    with Local(program, d1, folder, "--secret", "AZURE=k-1", config=raw) as worker:
        yield worker


@pytest.fixture
def light(upstreams: tuple[Upstream, Upstream]) -> Upstream:
    upstreams[0].behaviour = "ok"
    return upstreams[0]


@pytest.fixture
def http(served: Local, light: Upstream) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=served.url, headers=headers, timeout=300, trust_env=False) as client:
        yield client


def read_stats(http: httpx.Client) -> Any:
    return http.get("/v1/stats").json()


@pytest.mark.parametrize("shape", NEEDY)
def test_what_a_model_cannot_do_goes_to_one_that_can(
    http: httpx.Client, light: Upstream, shape: str
) -> None:
    body, need = NEEDY[shape]
    before = len(light.calls)
    said = told(http.post(CHAT, json={"model": "auto", **body}))
    assert (said["decision"], said["reason"]) == ("powerful", "capability")
    refused = http.post(CHAT, json={**body, "model": "light"})
    assert refused.status_code == 400
    assert f"takes no {NEEDS[need]}" in refused.json()["error"]["message"]
    assert len(light.calls) == before


def test_schemas_count_against_the_context(http: httpx.Client) -> None:
    fields = {f"field{n}": {"type": "string"} for n in range(500)}
    call = {"id": "t", "type": "function", "function": {"name": "a", "arguments": "x" * 14_000}}
    turns = [{"role": "assistant", "tool_calls": [call]}, *chat()["messages"]]
    tool = {"type": "function", "function": {"name": "a", "parameters": {"properties": fields}}}
    for body in (chat(EASY, tools=[tool]), {"model": "auto", "messages": turns}):
        assert told(http.post(CHAT, json=body))["reason"] == "capability"


@pytest.mark.parametrize(
    ("alias", "prompt", "decision"),
    [("gpt-4o", EASY, "light"), ("gpt-4o", HARD, "powerful"), ("cheap", HARD, "light")],
)
def test_an_alias_is_what_it_stands_for(
    http: httpx.Client, alias: str, prompt: str, decision: str
) -> None:
    assert told(http.post(CHAT, json=chat(prompt, model=alias)))["decision"] == decision
    assert http.get(f"/v1/models/{alias}").json()["id"] == alias


def test_headers_query_and_key_go_with_every_call(http: httpx.Client, light: Upstream) -> None:
    assert told(http.post(CHAT, json=chat(EASY)))["served-by"] == "small"
    path, headers, _ = light.calls[-1]
    assert path == "/v1/chat/completions?api-version=2026-01-01"
    assert (headers["x-team"], headers["api-key"]) == ("blue", "k-1")
    assert "authorization" not in headers


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, gzip"])
def test_an_answer_that_expands_stays_within_its_bound(
    http: httpx.Client, light: Upstream, encoding: str, is_streamed: bool
) -> None:
    data = brotli.compress(BOMB, quality=5) if encoding == "br" else gzip.compress(BOMB)
    data = gzip.compress(data) if encoding == "gzip, gzip" else data
    light.behaviour = "raw"
    light.raw = (stream if is_streamed else answer)(data, content_encoding=encoding)
    got = http.post(CHAT, json=chat(EASY, model="light", stream=is_streamed))
    assert got.status_code == 502, got.text
    assert len(got.content) < 2_000
    light.behaviour = "ok"
    assert told(http.post(CHAT, json=chat(EASY)))["served-by"] == "small"


def test_the_bound_of_an_event_is_a_setting(http: httpx.Client, light: Upstream) -> None:
    part = {"choices": [{"index": 0, "delta": {"image": "x" * (3 << 20)}}]}
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    light.behaviour = "raw"
    light.raw = stream(*(f"data: {json.dumps(one)}\n\n" for one in (part, end)))
    got = http.post(CHAT, json=chat(EASY, stream=True))
    assert len(got.content) > 3 << 20 and got.text.endswith("data: [DONE]\n\n")


def test_money_and_share_belong_to_who_served(http: httpx.Client, light: Upstream) -> None:
    before = read_stats(http)
    light.behaviour = "500"
    assert told(http.post(CHAT, json=chat(EASY)))["served-by"] == "big"
    after = read_stats(http)
    assert after["lightweight_routes"] == before["lightweight_routes"]
    assert after["total_routes"] == before["total_routes"] + 1
    assert after["cost"] - before["cost"] == pytest.approx(180e-6)
    assert after["money_saved"] == pytest.approx(before["money_saved"])


def test_reloads_are_a_new_deployment(http: httpx.Client) -> None:
    key = {"authorization": f"Bearer {ADMIN}"}
    assert http.post("/admin/reload", json={}, headers=key).status_code == 501


def test_a_wait_is_honoured_with_breakers_off(http: httpx.Client, light: Upstream) -> None:
    light.behaviour = "raw"
    light.raw = answer('{"error": {"message": "x"}}', status=429, retry_after="3000")
    assert told(http.post(CHAT, json=chat(EASY)))["served-by"] == "big"
    calls = len(light.calls)
    again = http.post(CHAT, json=chat(EASY, model="light"))
    assert again.status_code == 503 and 1 <= int(again.headers["retry-after"]) <= 3000
    assert told(http.post(CHAT, json=chat(EASY)))["served-by"] == "big"
    assert len(light.calls) == calls
