"""Five hundred requests to which every host gives the same answers, ids and times aside.

`play` sends them to a gateway whose config is `config_of` of two `Upstream`s; what two hosts give
can then be compared with `==`. Nothing here needs pytest.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from corpus.make_corpus import corpus
from gateway.asking import EASY, HARD, chat
from gateway.running import KEY
from patience import PATIENCE_S

N = 500
CHAT = "/v1/chat/completions"
VARYING_HEADERS = {
    "x-tiny-dancer-decision-id",
    "x-tiny-dancer-request-id",
    "x-tiny-dancer-start",
    "x-tiny-dancer-session",  # salted per store
}
"""The last one is the Worker's own: how its Python came to be."""
VARYING_FIELDS = {"decision_id", "inference_time_us"}
DECIDING = ("/v1/route", "/v1/decisions", "/v1/systemone")
"""Paths whose answers hold such fields."""
PROBABLE = ("content-type", "retry-after", "allow")
"""Headers that hosts must agree on beside the gateway's own."""
WAIT = "retry-after"
"""Of this one, that it is there and whole seconds: how many are left depends on speed."""


@dataclass(frozen=True)
class Exchange:
    """A request; `body` is sent as JSON unless it is bytes."""

    path: str
    body: Any = None
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)


def exchanges() -> list[Exchange]:
    """The requests, in the order they have to be sent in."""
    special = list(_special())
    prompts = [row["prompt"] for row in corpus()]
    chats = [_chat(n, prompts) for n in range(N - len(special))]
    return chats + special


def _chat(n: int, prompts: list[str]) -> Exchange:
    """A chat of some form about prompt n of the corpus."""
    prompt = prompts[n % len(prompts)]
    match n % 8:
        case 1:
            return Exchange(CHAT, chat(prompt, stream=True))
        case 2:
            return Exchange(CHAT, chat(prompts[(n + 7) % len(prompts)], prompt, EASY))
        case 3:
            return Exchange(CHAT, chat(prompt, model="auto:quality=0.9"))
        case 4:
            return Exchange("/v1/route", {"prompt": prompt})
        case 5:
            return Exchange("/v1/completions", {"model": "auto", "prompt": prompt})
        case _:
            return Exchange(CHAT, chat(prompt))


def _special() -> Iterator[Exchange]:
    """Named models, tools, images, long ones, errors and upstreams that fail."""
    for name in ("light", "powerful", "small", "big", "nobody", "auto:risk=0.1", "auto:quality=x"):
        yield Exchange(CHAT, chat(model=name))
    tools = [{"type": "function", "function": {"name": "now", "parameters": {}}}]
    yield Exchange(CHAT, chat(tools=tools))
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    message = {"role": "user", "content": [{"type": "text", "text": EASY}, image]}
    yield Exchange(CHAT, {"model": "auto", "messages": [message]})
    yield Exchange(CHAT, chat(EASY, stream=True, stream_options={"include_usage": True}))
    for conversation, text in (("a", EASY), ("a", HARD), ("a", EASY), ("b", EASY)):
        yield Exchange(CHAT, chat(text), headers={"x-conversation-id": conversation})
    yield Exchange(CHAT, b'{"model":"auto","messages":[{"role":"user","content":"\\ud800"}]}')
    yield Exchange("/v1/embeddings", {"model": "auto", "input": "a"})
    criteria = {"light": None, "powerful": None}
    for text in (EASY, HARD, "", "\ud800", [{"type": "text", "text": EASY}], {"a": [1.5, "ü"]}):
        question = {"type": "choice", "criteria": criteria}
        yield Exchange("/v1/systemone", {"state": text, "questions": {"a": question}})
    choices = [{"value": label} for label in criteria]
    for question in ({"type": "choice", "choices": choices}, {"type": "predicate", "name": "x"}):
        yield Exchange("/v1/decisions", {"input": HARD, "questions": [question]})
    for fault in ("500", "cut", "garbage", "401", "400"):
        yield Exchange(CHAT, chat(f"{EASY} do:{fault}", model="light"))
        yield Exchange(CHAT, chat(f"{EASY} do:{fault}", model="light", stream=True))
        yield Exchange(CHAT, chat(EASY, model="light"))
    yield Exchange("/v1/models", method="GET")
    yield Exchange("/healthz", method="GET")
    yield Exchange("/readyz", method="GET")
    yield Exchange("/v1/nothing", method="GET")
    yield Exchange(CHAT, method="GET")
    for body in (b"{", b"[]", b"\xff", {}, {"messages": []}, {"messages": [7]}):
        yield Exchange(CHAT, body)
    for body in ({}, {"prompt": 7}, {"prompt": EASY, "top_k": 0}, {"promt": EASY}):
        yield Exchange("/v1/route", body)
    yield Exchange("/v1/outcomes", {"decision_id": "nobody-1", "light_score": 2})
    yield Exchange("/v1/models", method="GET", headers={"authorization": "Bearer wrong"})
    yield Exchange("/admin/calibrate", {})
    yield Exchange("/v1/models", method="GET", headers={"x-long": "x" * 20_000})


def play(url: str) -> list[dict[str, Any]]:
    """What each request gave, in order, without what differs from run to run."""
    return observe(url, exchanges())


def observe(url: str, asked: list[Exchange]) -> list[dict[str, Any]]:
    """The same of any requests."""
    with httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False) as http:
        return [_observed(one, _send(http, one)) for one in asked]


def _send(http: httpx.Client, one: Exchange) -> httpx.Response:
    headers = {"authorization": f"Bearer {KEY}", **one.headers}
    content = None
    if one.body is not None:
        content = one.body if isinstance(one.body, bytes) else json.dumps(one.body).encode()
        headers["content-type"] = "application/json"
    return http.request(one.method, one.path, content=content, headers=headers)


def _observed(one: Exchange, answer: httpx.Response) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name in PROBABLE or (name.startswith("x-tiny-dancer-") and name not in VARYING_HEADERS)
    }
    if kept.get(WAIT, "").isdecimal() and int(kept[WAIT]) >= 1:
        kept[WAIT] = "seconds"
    body: Any = answer.text
    if "json" in kept.get("content-type", "") and one.path in DECIDING:
        body = _without_varying(json.loads(answer.text))
    return {"request": one, "status": answer.status_code, "headers": kept, "body": body}


def _without_varying(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: _without_varying(v) for n, v in value.items() if n not in VARYING_FIELDS}
    return [_without_varying(one) for one in value] if isinstance(value, list) else value
