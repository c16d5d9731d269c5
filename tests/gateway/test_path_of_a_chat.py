"""The gateway's own files that a chat passes are those that docs/architecture.md names."""

import asyncio
import json

from gateway.running import KEY, config_of
from gateway.shapes import chat as answer_of
from unit.test_path_of_a_prompt import named_files, traced_files

from tiny_dancer import Router
from tiny_dancer.gateway import Gateway, Request
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.history import MemoryStore


class Answer:
    """A whole answer of an upstream."""

    def __init__(self):
        self.status, self.headers = 200, {"content-type": "application/json"}

    async def pieces(self):
        yield json.dumps(answer_of()).encode()

    async def aclose(self):
        pass


async def fetch(call):
    return Answer()


def test_a_chat_passes_the_files_that_are_named():
    config = read_config(config_of("http://a.example/v1", "http://b.example/v1"), lambda _: None)
    store = MemoryStore()
    gateway = Gateway(config, Router(config.router, store=store), store, fetch, log=str)
    body = {"model": "auto", "messages": [{"role": "user", "content": "What is in Paris?"}]}
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}

    def ask():
        request = Request("POST", "/v1/chat/completions", headers, json.dumps(body).encode())
        assert asyncio.run(gateway.handle(request)).status == 200

    ask()
    passed = [file for file in traced_files(ask) if file.startswith("gateway/")]
    assert passed == named_files("chat")
