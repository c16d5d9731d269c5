"""A session ends after `policy.idle_s` seconds without a request: the cache is cold by then."""

import asyncio
import json

from gateway.asking import EASY, HARD, chat
from gateway.running import KEY, config_of
from gateway.shapes import chat as answer_of

from tiny_dancer import Router
from tiny_dancer.gateway import Gateway, Request
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.history import MemoryStore

HEADERS = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}


class Answer:
    status, headers = 200, {"content-type": "application/json"}

    async def pieces(self):
        yield json.dumps(answer_of()).encode()

    async def aclose(self):
        pass


async def fetch(call):
    return Answer()


def test_a_session_begins_anew_after_a_long_pause():
    raw = config_of("http://a.example/v1", "http://b.example/v1", policy={"idle_s": 600.0})
    config = read_config(raw, lambda _: None)
    store, clock = MemoryStore(), [1_000_000.0]
    router = Router(config.router, store=store)
    gateway = Gateway(config, router, store, fetch, now=lambda: clock[0], log=str)

    def ask(*turns, tail=(), **headers):
        body = chat(*turns)
        body["messages"] += tail
        data = json.dumps(body).encode()
        request = Request("POST", "/v1/chat/completions", HEADERS | headers, data)
        answer = asyncio.run(gateway.handle(request))
        assert answer.status == 200
        return {n[14:]: v for n, v in answer.headers.items() if n.startswith("x-tiny-dancer-")}

    assert ask(HARD)["decision"] == "powerful"
    clock[0] += 599.0
    assert ask(HARD, EASY)["reason"] == "sticky"
    clock[0] += 601.0
    said = ask(HARD, EASY, EASY)
    assert (said["decision"], said["switched"]) == ("light", "idle")
    said = ask(HARD, EASY, EASY, EASY)  # and it goes on as it began
    assert said["decision"] == "light" and "switched" not in said
    assert ask(HARD, EASY, EASY, EASY, HARD)["switched"] == "escalated"
    # a client that leaves its old turns out
    named = {"x-conversation-id": "c-1"}
    assert ask(HARD, **named)["decision"] == "powerful"
    assert ask(EASY, **named)["reason"] == "sticky"
    clock[0] += 601.0
    said = ask(EASY, **named)
    assert (said["decision"], said["switched"]) == ("light", "idle")
    assert "switched" not in ask(EASY, **named)


def test_a_tool_that_waits_for_long_ends_no_loop():
    config = read_config(config_of("http://a.example/v1", "http://b.example/v1"), lambda _: None)
    store, clock, served = MemoryStore(), [1_000_000.0], []

    async def fetch_of(call):
        served.append(call.url)
        return Answer()

    router = Router(config.router, store=store)
    gateway = Gateway(config, router, store, fetch_of, now=lambda: clock[0], log=str)
    call = {"id": "mine", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    made = {"role": "assistant", "content": None, "tool_calls": [call]}
    tail = [made, {"role": "tool", "tool_call_id": "mine", "content": "yes"}]

    def ask(body):
        data = json.dumps(body).encode()
        request = Request("POST", "/v1/chat/completions", HEADERS, data)
        assert asyncio.run(gateway.handle(request)).status == 200

    ask(chat(HARD, EASY))
    clock[0] += 90_000.0
    body = chat(HARD, EASY)
    body["messages"] += tail  # a client that keeps no ids but its own
    ask(body)
    assert served == ["http://b.example/v1/chat/completions"] * 2
