"""An upstream without an endpoint beside chats: its chats go on, and its client is told."""

import httpx
import pytest
from gateway.asking import EASY, chat, told
from gateway.running import KEY, ONCE, config_of
from gateway.shapes import answer
from patience import PATIENCE_S

from tiny_dancer.gateway.upstream.blame import Blame, assign_blame
from tiny_dancer.gateway.upstream.error_body import ErrorBody
from tiny_dancer.gateway.upstream.fault import FaultKind, UpstreamFault

ASKED = {
    "completions": ("/v1/completions", {"prompt": EASY}),
    "messages": ("/v1/messages", chat(EASY, max_tokens=9)),
    "count_tokens": ("/v1/messages/count_tokens", chat(EASY)),
    "responses": ("/v1/responses", {"input": EASY}),
}
ABSENT = {
    404: answer('{"detail": "Not Found"}', status=404),
    405: answer('{"detail": "Method Not Allowed"}', status=405),
    501: answer("Unsupported", "text/plain", 501),
}
UNKNOWN_MODEL = {
    "Ollama": '{"error": "model \'small-1\' not found"}',
    "Anthropic": '{"type": "error", "error": {"type": "not_found_error", "message": "model: m-1"}}',
}


@pytest.fixture
def http(running, light, powerful):
    """A client of a gateway whose upstreams say that they speak every format."""
    upstreams = config_of(light.url, powerful.url)["upstreams"]
    for one in upstreams[:2]:
        one["api"] = ["chat", "messages", "responses"]
    url = running(limits=ONCE, upstreams=upstreams).url
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S, trust_env=False) as client:
        yield client


def read_breakers(http):
    return set(http.get("/v1/stats").json()["breakers"].values())


@pytest.mark.parametrize("status", ABSENT)
@pytest.mark.parametrize("name", ASKED)
def test_chats_go_on_where_an_upstream_has_not_got_an_endpoint(http, light, powerful, name, status):
    path, body = ASKED[name]
    for upstream in (light, powerful):
        upstream.behaviour, upstream.raw = "raw", ABSENT[status]
    for n in range(6):
        got = http.post(path, json={**body, "model": "auto", "stream": n % 2 == 1})
        if name == "count_tokens":  # there is something better than an error
            assert got.status_code == 200 and told(got)["estimate"] == "1"
            assert 0 < got.json()["input_tokens"] < 40
            continue
        assert got.status_code == (400 if status == 501 else status)
        assert f"does not serve {path.removeprefix('/v1')}: " in got.json()["error"]["message"]
    assert read_breakers(http) == {"closed"}
    light.behaviour = powerful.behaviour = "ok"
    assert told(http.post("/v1/chat/completions", json=chat(EASY)))["served-by"] == "small"


@pytest.mark.parametrize("name", ["completions", "messages", "responses"])
def test_the_next_upstream_is_asked_for_what_one_has_not_got(http, light, powerful, name):
    path, body = ASKED[name]
    light.behaviour, light.raw = "raw", ABSENT[404]
    http.post(path, json={**body, "model": "auto"})
    assert [f"/v1/{call[0].rpartition('/v1/')[2]}" for call in powerful.calls] == [path]


@pytest.mark.parametrize("words", UNKNOWN_MODEL)
@pytest.mark.parametrize("name", ["completions", "messages", "responses"])
def test_a_model_that_an_endpoint_does_not_know_opens_the_breaker(http, light, name, words):
    path, body = ASKED[name]
    light.behaviour, light.raw = "raw", answer(UNKNOWN_MODEL[words], status=404)
    assert http.post(path, json={**body, "model": "light"}).status_code == 502
    assert "open" in read_breakers(http)


@pytest.mark.parametrize("status", ABSENT)
@pytest.mark.parametrize(
    "path", ["completions", "embeddings", "messages", "messages/count_tokens", "responses"]
)
def test_what_is_not_there_is_a_missing_capability_for_all_but_chats(path, status):
    def fault(path):
        return UpstreamFault(FaultKind.STATUS, status, error=ErrorBody("Not Found"), path=path)

    assert assign_blame(fault(path)) is Blame.CAPABILITY
    assert assign_blame(fault("chat/completions")) is not Blame.CAPABILITY
