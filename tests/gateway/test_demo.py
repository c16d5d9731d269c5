"""The demo's upstreams answer whatever format a newcomer tries first."""

import json

import httpx
import pytest
from gateway.running import Running
from patience import PATIENCE_S

from tiny_dancer.gateway.server.demo import DemoUpstreams

TEXTS = {"plain": "hi", "a lone surrogate": "\ud800 hi", "letters": "żółw 🐢"}
WORDS = "This is the light model. You asked: "


def ask_of(name, text):
    turn = [{"role": "user", "content": text}]
    return {
        "chat/completions": {"messages": turn},
        "completions": {"prompt": text},
        "messages": {"messages": turn, "max_tokens": 50},
        "responses": {"input": text},
    }[name]


@pytest.fixture(scope="module")
def http():
    with DemoUpstreams() as demo:
        upstreams = [
            {"name": one.name, "serves": one.serves, "base_url": one.base_url, "model": one.model}
            for one in demo.config.upstreams
        ]
        gateway = Running({"anonymous": True, "upstreams": upstreams})
        with httpx.Client(
            base_url=f"{gateway.url}/v1/", timeout=PATIENCE_S, trust_env=False
        ) as client:
            yield client
        gateway.close()


def list_texts(value):
    """Every text within a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from list_texts(one)


@pytest.mark.parametrize("name", ["chat/completions", "completions", "messages", "responses"])
@pytest.mark.parametrize("text", TEXTS)
def test_every_format_is_answered_with_what_was_asked(http, name, text):
    body = {"model": "light", **ask_of(name, TEXTS[text])}
    sent = {"content": json.dumps(body), "headers": {"content-type": "application/json"}}
    got = http.post(name, **sent)
    assert got.status_code == 200, got.text
    assert f"{WORDS}{TEXTS[text]}" in list(list_texts(json.loads(got.content)))


@pytest.mark.parametrize("name", ["chat/completions", "completions", "messages", "responses"])
@pytest.mark.parametrize("text", TEXTS)
def test_every_format_is_streamed_to_its_end(http, name, text):
    body = {"model": "light", "stream": True, **ask_of(name, TEXTS[text])}
    sent = {"content": json.dumps(body), "headers": {"content-type": "application/json"}}
    got = http.post(name, **sent)
    data = [line[6:] for line in got.text.splitlines() if line.startswith("data: {")]
    texts = [one for event in data for one in list_texts(json.loads(event))]
    assert got.status_code == 200 and "error" not in texts
    pieces = (" " + TEXTS[text]).split(" ")[1:]
    assert all(piece in texts or f" {piece}" in texts for piece in pieces), texts
    assert got.text.rstrip().splitlines()[-1] == "data: [DONE]" or name in {"messages", "responses"}


def test_a_completion_leaves_the_chats_alone(http):
    assert http.post("completions", json={"model": "auto", "prompt": "hi"}).status_code == 200
    assert http.post("chat/completions", json=ask_of("chat/completions", "hi")).status_code == 200
