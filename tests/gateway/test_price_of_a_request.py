"""What a request costs in memory: its size times a small number, whatever its shape."""

import asyncio
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from tiny_dancer import Candidate, Router
from tiny_dancer.gateway import Gateway, Request, parse_json
from tiny_dancer.gateway.http.json_text import MAX_CONTAINERS
from tiny_dancer.gateway.routing.conversation import read_chat
from tiny_dancer.gateway.upstream.fetch import FetchError
from tiny_dancer.history import MemoryStore
from tiny_dancer.text import BACK_BYTES, FRONT_BYTES, TEXT_LIMIT, cut
from tiny_dancer.turns import CONTEXT_CHARS, MAX_TURNS

TIMES = 36
"""An object with one name, `{"":0},`, is the dearest: 8 bytes of body, 240 in memory."""

BYTES = 500_000
CHAT, COMPLETION, ROUTE = "/v1/chat/completions", "/v1/completions", "/v1/route"
UPSTREAMS = [
    {"name": name, "serves": name, "base_url": "http://127.0.0.1:9/v1", "model": name}
    for name in ("light", "powerful")
] + [{"name": "v", "kind": "embeddings", "base_url": "http://127.0.0.1:9/v1", "model": "v"}]


def turn(text: object) -> dict[str, object]:
    return {"role": "user", "content": text}


def behind(unit: bytes, n: int | None = None) -> bytes:
    """A chat with a field that nobody knows, a list of these."""
    units = b",".join([unit] * (n or BYTES // (len(unit) + 1)))
    return b'{"messages":[{"role":"user","content":"x"}],"x":[' + units + b"]}"


def shapes() -> Iterator[tuple[str, str, object]]:
    words = "hello world "
    yield "one long turn", CHAT, {"messages": [turn(words * (BYTES // 12))]}
    behind_it = [turn("a " * (BYTES // 2)), *[turn("and?")] * 63]
    yield "63 short turns after a long one", CHAT, {"messages": behind_it}
    yield "64 turns of one long word", CHAT, {"messages": [turn("a" * (BYTES // 64))] * 64}
    yield "many turns", CHAT, {"messages": [turn("x")] * (BYTES // 35)}
    parts = [{"type": "text", "text": "x"}] * (BYTES // 30)
    yield "many parts of one turn", CHAT, {"messages": [turn(parts)]}
    tool = {"type": "function", "function": {"name": "a", "parameters": {}}}
    yield "many tools", CHAT, {"messages": [turn("x")], "tools": [tool] * (BYTES // 70)}
    yield "empty lists", CHAT, behind(b"[]")
    yield "empty objects", CHAT, behind(b"{}")
    yield "as many objects as are taken", CHAT, behind(b'{"":0}', MAX_CONTAINERS - 4)
    yield "lists in lists", CHAT, behind(b"[" * 100 + b"]" * 100)
    yield "texts", CHAT, behind(b'"ab"')
    yield "texts beyond Latin-1", CHAT, behind('"\U0001f600"'.encode())
    yield "numbers", CHAT, behind(b"0.1")
    names = b",".join(b'"%x":0' % i for i in range(BYTES // 9))
    yield "names", CHAT, behind(b"{" + names + b"}", 1)
    yield "one letter beyond Latin-1", CHAT, {"messages": [turn("x" * BYTES + "\U0001f600")]}
    yield "prompts", COMPLETION, {"prompt": ["a"] * (BYTES // 4)}
    yield "token ids", COMPLETION, {"prompt": [1] * (BYTES // 2)}
    yield "inputs to embed", "/v1/embeddings", {"model": "v", "input": ["a"] * (BYTES // 4)}
    yield "a long prompt", ROUTE, {"prompt": "hello " * (BYTES // 6)}
    yield "metadata", ROUTE, {"prompt": "x", "metadata": {str(i): "" for i in range(BYTES // 10)}}
    texts = [{"id": str(i), "text": words * 3} for i in range(BYTES // 70)]
    yield "candidates of a request", ROUTE, {"prompt": "x", "candidates": texts}
    long = [{"id": str(i), "text": words * 8_000} for i in range(BYTES // 96_000)]
    yield "long candidates of a request", ROUTE, {"prompt": "x", "candidates": long}
    vectors = [{"id": str(i), "embedding": [0.1] * 32} for i in range(BYTES // 250)]
    yield "vectors of a request", ROUTE, {"query_embedding": [0.1] * 32, "candidates": vectors}
    yield "stored candidates", "/v1/candidates", {"candidates": texts[:9_000]}
    for path, field, more in (
        ("/v1/messages", "messages", {"max_tokens": 9}),
        ("/v1/messages/count_tokens", "messages", {}),
        ("/v1/responses", "input", {}),
        (ROUTE, "messages", {}),
    ):
        kind = "input_text" if field == "input" else "text"
        long_turn = [turn("a " * (BYTES // 2)), *[turn("and?")] * 63]
        yield f"short turns at {path}", path, {field: long_turn, **more}
        yield f"turns at {path}", path, {field: [turn("x")] * (BYTES // 35), **more}
        many = [{"type": kind, "text": "x"}] * (BYTES // 30)
        yield f"parts at {path}", path, {field: [turn(many)], **more}
    question = {"id": "q", "question": "which?", "labels": ["light", "powerful"]}
    yield (
        "decisions",
        "/v1/decisions",
        {"input": "a " * (BYTES // 4), "questions": [question] * 400},
    )
    scores = {str(i): 0 for i in range(BYTES // 10)}
    yield "an outcome's scores", "/v1/outcomes", {"decision_id": "x", "scores": scores}


SHAPES = list(shapes())


async def refuse(call: object) -> None:
    raise FetchError("nobody is there")


async def peak_of(path: str, data: bytes) -> int:
    """Bytes that one request takes at the most, beside its body."""
    raw = json.dumps({"anonymous": True, "upstreams": UPSTREAMS, "limits": {"retries": 0}})
    config = parse_json(raw, lambda name: None)
    store = MemoryStore()
    gateway = Gateway(config, Router(config.router, store=store), store, refuse, log=lambda _: None)
    await gateway.start()
    headers = {"content-type": "application/json"}
    small = json.dumps({"messages": [turn("x")]}).encode()
    await gateway.handle(Request("POST", CHAT, headers, small))  # what is made once is made
    tracemalloc.start()
    try:
        response = await gateway.handle(Request("POST", path, headers, data))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert response.status != 500, response.body
        await gateway.router.aclose()


@pytest.mark.parametrize(("path", "body"), [row[1:] for row in SHAPES], ids=[r[0] for r in SHAPES])
def test_a_request_costs_its_size_times_a_small_number(path, body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert asyncio.run(peak_of(path, data)) < TIMES * len(data)


def test_what_is_scored_of_a_conversation_is_bounded_by_its_size():
    long = {"messages": [turn("a " * 40_000), *[turn("and?")] * 63]}
    size = len(json.dumps(long))
    scored = sum(len(text) for text in read_chat(long).texts)
    assert scored < size + MAX_TURNS * (CONTEXT_CHARS + 10)


def test_a_short_turn_is_scored_behind_both_ends_of_the_turn_before():
    before = "first " + "middle " * 2_000 + "last"
    text = read_chat({"messages": [turn(before), turn("and?")]}).texts[-1]
    assert text.startswith("first ") and text.endswith("last\nand?")


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\u20ac", "\U0001f600", "\ud800"])
def test_a_text_cut_before_it_is_encoded_is_the_same(letter):
    for n in (TEXT_LIMIT - 1, TEXT_LIMIT, TEXT_LIMIT + 1, 200_001):
        text = "".join(chr(97 + i % 26) if i % 7 else letter for i in range(n))
        data = text.encode("utf-8", "surrogatepass")
        found, is_cut = cut(text)
        assert is_cut == (len(data) > TEXT_LIMIT)
        if is_cut:
            assert found.startswith(data[: FRONT_BYTES - 4]) and len(found) <= TEXT_LIMIT
            assert found.endswith(data[-BACK_BYTES + 4 :])


def test_candidates_are_bounded_by_their_bytes(running, client):
    http = client(running(limits={"candidate_bytes": 10_000}))
    one = {"id": "a", "text": "x" * 6_000, "created_at": 1.0, "success_rate": 0.5}
    assert http.post("/v1/candidates", json=one).status_code == 200
    assert http.post("/v1/candidates", json=one).status_code == 200  # in its own place
    answer = http.post("/v1/candidates", json={**one, "id": "b"})
    assert answer.status_code == 400 and "10000 bytes" in answer.json()["error"]["message"]
    vector = {"id": "c", "embedding": [0.5] * 2_000, "created_at": 1.0, "success_rate": 0.5}
    assert http.post("/v1/candidates", json=vector).status_code == 400
    assert [row["id"] for row in http.get("/v1/candidates").json()["data"]] == ["a"]


def test_a_list_of_candidates_costs_less_than_its_text():
    async def run():
        config = parse_json(json.dumps({"anonymous": True, "upstreams": UPSTREAMS}), {}.get)
        store, n = MemoryStore(), 0
        router = Router(config.router, store=store)
        gateway = Gateway(config, router, store, refuse, log=lambda _: None)
        more = {"created_at": 1.0, "success_rate": 0.5}
        rows = [Candidate(f"c{i}", embedding=[i / 7] * 1_000, **more) for i in range(600)]
        await store.insert_candidates(rows)
        tracemalloc.start()
        try:
            response = await gateway.handle(Request("GET", "/v1/candidates"))
            async for piece in response.body:
                n += len(piece)
            return tracemalloc.get_traced_memory()[1], n
        finally:
            tracemalloc.stop()
            await router.aclose()

    peak, n = asyncio.run(run())
    assert n > 9_000_000 and peak < n
