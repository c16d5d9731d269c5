"""Five hundred requests of each format to which every host gives the same answers.

`play` sends them to a gateway whose config is `config_for` a chat upstream and one that speaks each
format; what two hosts give can then be compared with `==`.
"""

from collections.abc import Iterator
from typing import Any

from corpus.make_corpus import corpus
from gateway.asking import EASY, HARD
from gateway.running import config_of
from gateway.same import Exchange, observe

N = 500
PATHS = {"messages": "/v1/messages", "responses": "/v1/responses"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
PNG = "data:image/png;base64,AAAA"


def config_for(light: str, powerful: str) -> dict[str, Any]:
    """Requests are translated for the light upstream, and native at the powerful one."""
    raw = config_of(light, powerful)
    raw["upstreams"][1]["api"] = ["chat", "messages", "responses"]
    return raw


def play(url: str, name: str) -> list[dict[str, Any]]:
    """What each request of a format gave, in order, without what differs from run to run."""
    return observe(url, exchanges(name))


def exchanges(name: str) -> list[Exchange]:
    """The requests of a format, in the order they have to be sent in."""
    special = list(_special(name))
    prompts = [row["prompt"] for row in corpus()]
    return [_ask(name, n, prompts) for n in range(N - len(special))] + special


def _ask(name: str, n: int, prompts: list[str]) -> Exchange:
    """A request of some form about prompt n of the corpus."""
    prompt = prompts[n % len(prompts)]
    match n % 6:
        case 1:
            return _build(name, prompt, stream=True)
        case 2:
            return _build(name, prompts[(n + 7) % len(prompts)], prompt, EASY)
        case 3:
            return _build(name, prompt, model="auto:quality=0.9")
        case 4:
            return _build(name, prompt, tools=_tools(name))
        case 5:
            return _build(name, prompt, tools=_tools(name), stream=True)
        case _:
            return _build(name, prompt)


def _build(
    name: str, *texts: str, headers: dict[str, str] | None = None, **fields: Any
) -> Exchange:
    """A request with these turns of the user; what the assistant said stands between them."""
    turns: list[Any] = []
    for text in texts:
        turns += [{"role": "assistant", "content": "Well."}] if turns else []
        turns.append({"role": "user", "content": text})
    body: dict[str, Any] = {"model": "auto", **fields}
    if name == "messages":
        body = {"max_tokens": 99, "messages": turns, **body}
    else:
        body = {"input": turns, **body}
    return Exchange(PATHS[name], body, headers=headers or {})


def _tools(name: str) -> list[dict[str, Any]]:
    if name == "messages":
        return [{"name": "weather", "input_schema": SCHEMA}]
    return [{"type": "function", "name": "weather", "parameters": SCHEMA}]


def _special(name: str) -> Iterator[Exchange]:
    """Named models, fields of every fate, content of every kind, errors, upstreams that fail."""
    for model in ("light", "powerful", "small", "big", "nobody", "auto:risk=0.1"):
        yield _build(name, EASY, model=model)
    for conversation, text in (("a", EASY), ("a", HARD), ("a", EASY), ("b", EASY)):
        yield _build(name, text, headers={"x-conversation-id": conversation})
    for key in ("x-api-key", "authorization"):
        yield _build(name, EASY, headers={"authorization": "", key: "wrong"})
    for fields in ({"brand_new": 1}, {"metadata": {"user_id": "u"}}, {"stream": 7}):
        yield _build(name, EASY, **fields)
        yield _build(name, HARD, model="powerful", **fields)
    for body in (b"{", b"[]", {}, {"messages": [7], "input": [7]}):
        yield Exchange(PATHS[name], body)
    yield Exchange(PATHS[name], method="GET")
    yield from _special_messages() if name == "messages" else _special_responses()
    for fault in ("400", "500", "cut", "garbage", "401"):  # the last one opens the breaker
        yield _build(name, f"{EASY} do:{fault}", model="light")
        yield _build(name, f"{EASY} do:{fault}", model="light", stream=True)
        yield _build(name, EASY, model="light")


def _special_messages() -> Iterator[Exchange]:
    source = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    image = [{"type": "text", "text": EASY}, {"type": "image", "source": source}]
    use = {"type": "tool_use", "id": "t", "name": "weather", "input": {"city": "Rome"}}
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "sunny"}
    loop = [
        {"role": "user", "content": EASY},
        {"role": "assistant", "content": [thought, use]},
        {"role": "user", "content": [result]},
    ]
    budget = {"type": "enabled", "budget_tokens": 2000}
    path, base = PATHS["messages"], {"model": "auto", "max_tokens": 99}
    yield Exchange(path, {**base, "messages": [{"role": "user", "content": image}]})
    for stream in (False, True):
        asked = {**base, "messages": loop, "tools": _tools("messages"), "stream": stream}
        for model in ("light", "powerful"):
            yield Exchange(path, {**asked, "model": model, "thinking": budget})
            turn = [{"role": "user", "content": EASY}]
            thinking = {"model": model, "thinking": budget, "messages": turn}
            yield Exchange(path, {**asked, **thinking})
    yield Exchange(path, {**base, "messages": loop[:1], "mcp_servers": [{"type": "url"}]})
    for model in ("light", "powerful", "auto", "nobody"):
        body = {"model": model, "messages": loop[:1]}
        yield Exchange(f"{path}/count_tokens", body)
    yield Exchange("/v1/models", method="GET", headers={"anthropic-version": "2023-06-01"})


def _special_responses() -> Iterator[Exchange]:
    image = [
        {"type": "input_text", "text": EASY},
        {"type": "input_image", "image_url": PNG},
    ]
    loop = [
        {"role": "user", "content": EASY},
        {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "ZW5j"},
        {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "sunny"},
    ]
    path = PATHS["responses"]
    yield Exchange(path, {"model": "auto", "input": [{"role": "user", "content": image}]})
    for stream in (False, True):
        for model in ("light", "powerful"):
            asked = {"model": model, "tools": _tools("responses"), "stream": stream}
            yield Exchange(path, {**asked, "input": loop})
            yield Exchange(path, {**asked, "input": EASY, "reasoning": {"effort": "low"}})
    for fields in ({"previous_response_id": "resp_n"}, {"tools": [{"type": "web_search"}]}):
        for model in ("light", "powerful", "auto"):
            yield Exchange(path, {"model": model, "input": EASY, **fields})
