"""Small upstreams of our own, so that a newcomer sees the gateway route and learn without a key.

Two answer chats and completions in the form of the OpenAI API; what they say is which of them was
asked. A third marks their answers, as if the light model knew all but proofs.
"""

import threading
from collections.abc import AsyncIterator
from hashlib import sha256
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ..config.reader import read_config
from ..config.settings import GatewayConfig
from ..http.json_text import dump_compact
from .server import listen

MODELS: Final = {"light": (0.15, 0.60), "powerful": (2.50, 10.00), "judge": (0.15, 0.60)}
"""Prices for a million tokens, in and out: made up, so that money shows."""

ADMIN: Final = "demo-admin"
"""The admin's key where the demo observes: it listens on loopback alone then."""

HARD: Final = "prove"
"""A word of the prompts to which the light model's answers are marked as wrong."""


class DemoUpstreams:
    """Serves them on loopback ports, from `with` to its end.

    Args:
        history: file of the history; in memory where None.
        observes: True where the router only observes, and every prompt makes a pair.
    """

    def __init__(self, history: str | None = None, *, observes: bool = False) -> None:
        self._history, self._observes = history, observes
        self._sockets = {name: listen("127.0.0.1", 0) for name in MODELS}
        self._servers: list[uvicorn.Server] = []
        self._threads: list[threading.Thread] = []

    @property
    def config(self) -> GatewayConfig:
        """The settings of a gateway before them."""
        observing = {
            "policy": {"mode": "observe"},
            "shadow": {"share": 1.0, "judge": "demo-judge"},
        }
        digest = sha256(ADMIN.encode()).hexdigest()
        return read_config(
            {
                "anonymous": True,
                "admin_keys": [{"name": "demo", "sha256": digest}] if self._history else [],
                "storage": {"path": self._history} if self._history else {},
                **(observing if self._observes else {}),
                "upstreams": [
                    {
                        "name": f"demo-{name}",
                        **({} if name == "judge" else {"serves": name}),
                        "base_url": f"http://127.0.0.1:{self._sockets[name].getsockname()[1]}/v1",
                        "model": f"demo-{name}",
                        "price_in": price_in,
                        "price_out": price_out,
                    }
                    for name, (price_in, price_out) in MODELS.items()
                    if name != "judge" or self._observes
                ],
            },
            lambda _: None,
        )

    def __enter__(self) -> Self:
        for name, one in self._sockets.items():
            server = uvicorn.Server(uvicorn.Config(build_demo_upstream(name), log_level="warning"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [one]}, daemon=True)
            thread.start()
            self._servers.append(server)
            self._threads.append(thread)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.should_exit = True
        for thread in self._threads:
            thread.join(5)
        for one in self._sockets.values():
            one.close()


def build_demo_upstream(name: str) -> Starlette:
    """One of them."""

    async def chat(request: Request) -> Response:
        body = await request.json()
        if name == "judge":
            return _judge(body)
        return _answer(name, body, str(body["messages"][-1].get("content", "")), is_chat=True)

    async def complete(request: Request) -> Response:
        body = await request.json()
        return _answer(name, body, str(body["prompt"]), is_chat=False)

    return Starlette(
        routes=[
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/completions", complete, methods=["POST"]),
        ]
    )


def _judge(body: dict[str, Any]) -> Response:
    """Marks of the two answers shown: 1, but for the light model's to a prompt with a proof."""
    text = str(body["messages"][-1]["content"])
    asked, _, rest = text.partition("<answer_a>")
    parts = rest.partition("<answer_b>")
    light = 0.0 if HARD in asked.lower() else 1.0
    marks = [light if "the light model" in part else 1.0 for part in (parts[0], parts[2])]
    return _respond("judge", dump_compact({"a": marks[0], "b": marks[1]}).decode(), text)


def _respond(name: str, said: str, asked: str) -> Response:
    usage = {"prompt_tokens": max(1, len(asked) // 4), "completion_tokens": len(said.split())}
    choice = {"index": 0, "message": {"role": "assistant", "content": said}}
    usage["total_tokens"] = sum(usage.values())
    choices = [{**choice, "finish_reason": "stop"}]
    answer = {**_build_head(name, "chat.completion"), "choices": choices, "usage": usage}
    return Response(dump_compact(answer), media_type="application/json")


def _answer(name: str, body: dict[str, Any], text: str, *, is_chat: bool) -> Response:
    words = f"This is the {name} model. You asked: {text}".split(" ")
    usage = {"prompt_tokens": max(1, len(text) // 4), "completion_tokens": len(words)}
    usage["total_tokens"] = sum(usage.values())
    if body.get("stream"):
        events = _list_events(name, words, usage, is_chat=is_chat)
        return StreamingResponse(events, media_type="text/event-stream")
    said = " ".join(words)
    told = {"message": {"role": "assistant", "content": said}} if is_chat else {"text": said}
    kind = "chat.completion" if is_chat else "text_completion"
    choice = {"index": 0, **told, "finish_reason": "stop"}
    answer = {**_build_head(name, kind), "choices": [choice], "usage": usage}
    return Response(dump_compact(answer), media_type="application/json")


async def _list_events(
    name: str, words: list[str], usage: dict[str, int], *, is_chat: bool
) -> AsyncIterator[bytes]:
    head = _build_head(name, "chat.completion.chunk" if is_chat else "text_completion")
    for at, word in enumerate(words):
        piece = f" {word}" if at else word
        told = {"delta": {"role": "assistant", "content": piece}} if is_chat else {"text": piece}
        yield _format_event(head, [{"index": 0, **told, "finish_reason": None}])
    last: dict[str, Any] = {"delta": {}} if is_chat else {"text": ""}
    yield _format_event(head, [{"index": 0, **last, "finish_reason": "stop"}])
    yield _format_event(head, [], usage=usage)
    yield b"data: [DONE]\n\n"


def _format_event(head: dict[str, Any], choices: list[dict[str, Any]], **more: Any) -> bytes:
    return b"data: " + dump_compact({**head, "choices": choices, **more}) + b"\n\n"


def _build_head(name: str, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-demo", "object": kind, "created": 0, "model": f"demo-{name}"}
