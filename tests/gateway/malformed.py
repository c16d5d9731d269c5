"""Ten thousand requests that nobody should send, the same ones at every run.

`requests(n)` gives them; `play` sends them and tells what came back of each. No pytest is needed.
"""

import json
import random
import socket
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from gateway.asking import EASY, chat
from gateway.running import ADMIN, KEY
from patience import PATIENCE_S

N = 10_000
PATHS = (
    *("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/route", "/v1/outcomes"),
    *("/v1/decisions", "/v1/systemone"),
    *("/v1/messages", "/v1/messages/count_tokens", "/v1/responses"),
    *(
        "/v1/candidates",
        "/admin/reload",
        "/admin/breaker",
        "/admin/calibrate",
        "/admin/drift",
        "/admin/adapt",
    ),
)
ODD_PATHS = (
    "/",
    "//",
    "/v1",
    "/v1/models/",
    "/v1/models/%00",
    "/v1/candidates/%ff",
    "/%2e%2e/x",
    "*",
)
METHODS = ("POST", "PUT", "DELETE", "PATCH", "GET", "HEAD", "OPTIONS", "TRACE", "FOO")
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**63, -(10**30), "", "x", "\x00", "\ud800", "𝄞" * 50),
    *([], {}, [[]], [{}], {"a": []}, [None], ["x", 7], {"": ""}, [[[[[[[[]]]]]]]], "x" * 3000),
)
BODIES = (
    chat(EASY, stream=True, max_tokens=5, tools=[], response_format={"type": "text"}),
    {"model": "auto", "prompt": EASY, "stream": False},
    {"model": "vectors", "input": "a"},
    {"prompt": EASY, "top_k": 1, "candidates": [], "metadata": {"k": "v"}},
    {"decision_id": "a-1", "light_score": 1.0, "scores": {"light": 1}, "cost": 0.5},
    {"candidates": [{"id": "a", "text": "about a", "created_at": 1.0, "success_rate": 0.5}]},
    {"model": "small", "mode": "open"},
    {"input": [{"role": "user", "content": EASY}], "questions": [{"type": "choice", "name": "a"}]},
    chat(
        [{"type": "text", "text": EASY}, {"type": "image", "source": {"type": "url", "url": "u"}}],
        system=[{"type": "text", "text": "x"}],
        max_tokens=5,
    ),
    {"input": [{"role": "user", "content": [{"type": "input_text", "text": EASY}]}], "tools": []},
    {"state": [EASY], "questions": {"a": {"type": "choice", "criteria": {"light": 1}}}},
)
ODD_HEADERS = ("origin: null", "x-conversation-id: \xff", "accept: " + "x" * 900)
KINDS = ("application/json", "application/json; charset=utf-16", "text/plain", "", "a/b;" * 9, "ü")


def change(rng: random.Random, value: Any) -> Any:
    """The value with something in it replaced, taken out or put where it does not belong."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        name = rng.choice(list(value))
        match rng.randrange(4):
            case 0:
                return {n: v for n, v in value.items() if n != name}
            case 1:
                return {**value, rng.choice(("at", "x" * 200, "\ud800", name)): rng.choice(VALUES)}
            case _:
                return {**value, name: change(rng, value[name])}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return [*value[:at], change(rng, value[at]), *value[at + 1 :]]
    return rng.choice(VALUES)


def corrupt(rng: random.Random, body: bytes) -> bytes:
    """The bytes with some of them cut, doubled or overwritten."""
    at = rng.randrange(len(body) + 1)
    match rng.randrange(6):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + rng.randbytes(3) + body[at:]
        case 2:
            return b"[" * rng.choice((1, 200, 20_000)) + body
        case 3:
            return body.replace(b'"', b"'", 1)
        case 4:
            return body.replace(b"1", rng.choice((b"1e400", b"NaN", b"9" * 5000, b"01")))
        case _:
            return body + body


def requests(n: int = N) -> Iterator[bytes]:
    """Requests as they go over the wire."""
    rng = random.Random(24)
    for _ in range(n):
        body = rng.choice(BODIES)
        for _ in range(rng.randrange(1, 4)):
            body = change(rng, body)
        data = json.dumps(body).encode()
        if rng.random() < 0.4:
            data = corrupt(rng, data)
        path = rng.choice(PATHS if rng.random() < 0.9 else ODD_PATHS)
        method = "POST" if rng.random() < 0.85 else rng.choice(METHODS)
        kind = KINDS[0] if rng.random() < 0.85 else rng.choice(KINDS)
        key = ADMIN if path.startswith("/admin") else KEY
        if rng.random() < 0.1:
            key = rng.choice(("", "wrong", "ü", KEY * 99))
        lines = [f"{method} {path} HTTP/1.1", "host: x", f"content-type: {kind}"]
        lines += [f"authorization: Bearer {key}", f"content-length: {len(data)}"]
        if rng.random() < 0.1:
            lines.append(rng.choice(ODD_HEADERS))
        yield "\r\n".join((*lines, "", "")).encode("latin-1", "replace") + data


def play(url: str, sent: Iterable[bytes]) -> list[int]:
    """The status of each request's answer, in order.

    0 stands for a connection of its own that the server closed instead of answering. A request
    that met a connection closed after the answer before it is sent again, as any client does.
    """
    parts = urlsplit(url)
    statuses: list[int] = []
    line: socket.socket | None = None
    for request in sent:
        status, is_open = 0, False
        while not status:
            is_fresh = line is None
            if line is None:
                line = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S)
            try:
                line.sendall(request)
                status, is_open = _read(line, is_head=request.startswith(b"HEAD"))
            except ConnectionError:
                pass
            if not status or not is_open:
                line.close()
                line = None
            if is_fresh:
                break
        statuses.append(status)
    if line is not None:
        line.close()
    return statuses


def _read(line: socket.socket, *, is_head: bool) -> tuple[int, bool]:
    """The status, 0 where the server closed without one, and whether the connection stays."""
    with line.makefile("rb") as file:
        first = file.readline()
        if not first:
            return 0, False
        status = int(first.split()[1])
        headers = {}
        while (header := file.readline().strip()) != b"":
            name, _, value = header.partition(b":")
            headers[name.lower()] = value.strip().lower()
        if is_head or status in (204, 304):
            pass
        elif headers.get(b"transfer-encoding") == b"chunked":
            size = -1
            while size:
                size = int(file.readline(), 16)
                file.read(size + 2)
        else:
            file.read(int(headers.get(b"content-length", b"0")))
    return status, headers.get(b"connection") != b"close"
