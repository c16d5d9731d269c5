"""Messages and responses are shadowed as chats are, native and translated, whole and streamed."""

import itertools
import json

import gateway.judge  # noqa: F401  the behaviour `judge`
import httpx
import pytest
from gateway.asking import EASY
from gateway.formats import speaking
from gateway.running import KEY
from gateway.upstream import Upstream
from patience import PATIENCE_S, wait_until

from tiny_dancer.gateway.shadow.native_reply import (
    read_message,
    read_response,
    read_streamed_message,
    read_streamed_response,
)
from tiny_dancer.gateway.shadow.reply import Reply
from tiny_dancer.history.records.codec import from_row

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = {
    "messages": {"name": "weather", "input_schema": CITY},
    "responses": {"type": "function", "name": "weather", "parameters": CITY},
}
ALL = ["chat", "messages", "responses"]


def body_of(format_: str, **more) -> dict:
    if format_ == "messages":
        turns = [{"role": "user", "content": EASY}]
        return {"model": "auto", "max_tokens": 50, "messages": turns, **more}
    return {"model": "auto", "input": EASY, **more}


def ask(gateway, format_: str, body: dict) -> httpx.Response:
    headers = {"authorization": f"Bearer {KEY}"}
    url = f"{gateway.url}/v1/{format_}"
    return httpx.post(url, json=body, headers=headers, timeout=PATIENCE_S, trust_env=False)


def outcome(gateway):
    """The pair's outcome and a word for what became of it, once that is known."""
    wait_until(lambda: gateway.gateway.counters._shadow)
    results = dict(gateway.gateway.counters._shadow)
    gateway.wait(gateway.router.flush())
    rows = gateway.wait(gateway.gateway.store.scan("outcome", 0, 10))
    return [from_row("outcome", row) for _, row in rows], results


def word(is_on: bool, name: str) -> str:
    return name if is_on else f"no {name}"


CASES = list(itertools.product(("messages", "responses"), *[(False, True)] * 4))


@pytest.mark.parametrize(
    ("format_", "light_native", "powerful_native", "stream", "tools"),
    CASES,
    ids=[
        f"{f}, {word(a, 'light')}, {word(b, 'powerful')}, {word(s, 'stream')}, {word(t, 'tools')}"
        for f, a, b, s, t in CASES
    ],
)
def test_both_models_say_the_same_in_whatever_format(
    scripted, gateway_of, format_, light_native, powerful_native, stream, tools
):
    light, powerful = scripted(speaking.answer), scripted(speaking.answer)
    gateway = gateway_of(
        light.url,
        powerful.url,
        {"api": ALL} if light_native else {},
        {"api": ALL} if powerful_native else {},
        policy={"mode": "observe"},
        shadow={"share": 1.0},
    )
    more = {"tools": [TOOLS[format_]]} if tools else {}
    if stream:
        more["stream"] = True
    assert ask(gateway, format_, body_of(format_, **more)).status_code == 200
    (kept,), results = outcome(gateway)
    assert results == {"graded": 1}
    assert kept.graded_by == "equal" and kept.scores == {"light": 1.0, "powerful": 1.0}
    assert kept.cost and kept.shadow_cost  # each format says its tokens in its own way
    (asked,) = light.asked
    assert asked.path == (format_ if light_native else "chat/completions")
    assert "stream" not in asked.body
    if format_ == "responses" and light_native:
        assert asked.body["store"] is False


@pytest.mark.parametrize("format_", ["messages", "responses"])
def test_a_call_of_no_tool_of_the_request_is_worth_nothing(scripted, gateway_of, format_):
    def answer(asked):
        said = json.dumps(speaking.answer(asked))
        return json.loads(said.replace('"weather"', '"wether"'))

    light, powerful = scripted(answer), scripted(speaking.answer)
    native = {"api": ALL}
    settings = {"policy": {"mode": "observe"}, "shadow": {"share": 1.0}}
    gateway = gateway_of(light.url, powerful.url, native, native, **settings)
    ask(gateway, format_, body_of(format_, tools=[TOOLS[format_]]))
    (kept,), _ = outcome(gateway)
    assert kept.graded_by == "check" and kept.scores == {"light": 0.0, "powerful": 1.0}


@pytest.mark.parametrize("format_", ["messages", "responses"])
def test_the_judge_is_shown_request_and_answers(scripted, gateway_of, format_):
    def answer(asked):
        return json.loads(json.dumps(speaking.answer(asked)).replace("Sunny.", "Rain."))

    judge = Upstream("judge-1")
    judge.behaviour = "judge"
    light, powerful = scripted(answer), scripted(speaking.answer)
    native = {"api": ALL}
    raw = {"name": "judge", "base_url": judge.url, "model": "judge-1"}
    try:
        gateway = gateway_of(
            light.url,
            powerful.url,
            native,
            native,
            policy={"mode": "observe"},
            shadow={"share": 1.0, "judge": "judge"},
            upstreams=[
                {**one, "base_url": url}
                for one, url in zip(BOTH, (light.url, powerful.url), strict=True)
            ]
            + [raw],
        )
        ask(gateway, format_, body_of(format_))
        (kept,), _ = outcome(gateway)
        assert kept.graded_by == "judge:judge"
        shown = judge.calls[0][2]["messages"][-1]["content"]
        for part in (EASY, "Sunny.", "Rain."):
            assert part in shown
    finally:
        judge.close()


BOTH = (
    {"name": "small", "serves": "light", "model": "small-1"},
    {"name": "big", "serves": "powerful", "model": "big-1"},
)


@pytest.mark.parametrize(
    "tool", [{"type": "custom", "name": "patch"}, {"type": "web_search"}], ids=["custom", "search"]
)
def test_what_no_check_knows_is_not_shadowed(scripted, gateway_of, tool):
    light, powerful = scripted(speaking.answer), scripted(speaking.answer)
    native = {"api": ALL}
    settings = {"policy": {"mode": "observe"}, "shadow": {"share": 1.0}}
    gateway = gateway_of(light.url, powerful.url, native, native, **settings)
    assert ask(gateway, "responses", body_of("responses", tools=[tool])).status_code == 200
    ask(gateway, "messages", body_of("messages"))
    _, results = outcome(gateway)
    assert results == {"graded": 1} and [one.path for one in light.asked] == ["messages"]


@pytest.mark.parametrize(
    ("reply", "ending", "is_refusal"),
    [
        (read_message({"content": [], "stop_reason": "max_tokens"}), "length", False),
        (read_message({"content": [], "stop_reason": "refusal"}), "refusal", True),
        (
            read_response({"output": [], "incomplete_details": {"reason": "max_output_tokens"}}),
            "length",
            False,
        ),
        (read_response({"output": [{"content": [{"type": "refusal"}]}]}), None, True),
    ],
    ids=["message cut", "message refused", "response cut", "response refused"],
)
def test_why_an_answer_ended_is_said_as_a_chat_says_it(reply, ending, is_refusal):
    assert reply == Reply("", (), ending, is_refusal)


@pytest.mark.parametrize("value", [{}, {"content": "x"}, {"output": 7}, {"content": None}])
def test_what_is_no_answer_is_none(value):
    assert read_message(value) is None and read_response(value) is None
    data = b"data: {\n\ndata: []\n\ndata: " + json.dumps(value).encode() + b"\n\n"
    assert read_streamed_message(data) is None and read_streamed_response(data) is None
