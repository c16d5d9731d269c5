"""The example for Cloudflare's Python runtime, against a stand-in for its `workers` module."""

import asyncio
import importlib.util
import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from edge.decisions import expected, plain
from edge.workerd import CONFIG, ROOT

FILE = ROOT / "worker/python/src/entry.py"
PROMPT = "What is the capital of Mongolia?"


class Response(SimpleNamespace):
    """As `workers.Response` is made."""

    def __init__(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        super().__init__(body=body, status=status, headers=headers)


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The example's module, and what it asked upstreams for in `calls`."""
    fake, calls = ModuleType("workers"), []

    async def fetch(url: str, **options: Any) -> Any:
        calls.append((url, json.loads(options["body"])))
        message = {"role": "assistant", "content": "Ulaanbaatar"}
        answer = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}

        async def body() -> bytes:
            return json.dumps(answer).encode()

        headers = {"Content-Type": "application/json"}
        return SimpleNamespace(status=200, headers=headers, bytes=body)

    vars(fake).update(Response=Response, WorkerEntrypoint=SimpleNamespace, fetch=fetch)
    monkeypatch.setitem(sys.modules, "workers", fake)
    spec = importlib.util.spec_from_file_location("python_worker", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(calls=calls)
    yield module
    if module._isolate is not None:
        module._isolate.router.close()


def ask(entry: Any, path: str, body: object) -> Response:
    """One request, and what it left to be written."""

    async def work() -> Response:
        waiting: list[Any] = []

        async def read() -> bytes:
            return json.dumps(body).encode()

        env, ctx = (
            SimpleNamespace(CONFIG=json.dumps(CONFIG)),
            SimpleNamespace(waitUntil=waiting.append),
        )
        request = SimpleNamespace(
            method="POST",
            url=f"https://example.test{path}?query",
            headers={"Content-Type": "application/json"},
            bytes=read,
        )
        response = await entry.Default(env=env, ctx=ctx).fetch(request)
        assert len(waiting) == 1
        await waiting[0]
        return response

    return asyncio.run(work())


def test_it_says_on_its_first_line_that_it_is_an_example() -> None:
    assert (
        "An example, tested only against a fake `workers` module"
        in FILE.read_text().splitlines()[0]
    )


def test_it_decides_as_the_package_does(entry: Any) -> None:
    response = ask(entry, "/v1/route", {"prompt": PROMPT})
    assert response.status == 200
    assert plain(json.loads(response.body)) == expected(PROMPT)


def test_it_asks_the_upstream_that_was_decided_on(entry: Any) -> None:
    messages = [{"role": "user", "content": PROMPT}]
    response = ask(entry, "/v1/chat/completions", {"model": "auto", "messages": messages})
    assert response.status == 200, response.body
    assert json.loads(response.body)["choices"][0]["message"]["content"] == "Ulaanbaatar"
    assert response.headers["x-tiny-dancer-reason"] == "below_threshold"
    ((url, asked),) = entry.calls
    assert (url, asked["model"]) == ("http://127.0.0.1:9/v1/chat/completions", "light")
