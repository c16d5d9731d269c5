"""A dry run says what would become of a request; tests/edge runs the same before the Worker."""

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import KEY
from patience import PATIENCE_S

HEADERS = {"authorization": f"Bearer {KEY}"}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
SEEN = {"messages": [{"role": "user", "content": [{"type": "text", "text": EASY}, IMAGE]}]}
TOOLS = [{"type": "function", "function": {"name": "now", "parameters": {"type": "object"}}}]
ASKED = {"a": {"type": "choice", "criteria": {"light": None, "powerful": None}}}
CHOICES = [{"value": "light"}, {"value": "powerful"}]


@pytest.fixture
def post(address):
    with httpx.Client(
        base_url=address, headers=HEADERS, timeout=PATIENCE_S, trust_env=False
    ) as http:
        yield http.post


@pytest.mark.parametrize(
    "body",
    [
        chat(EASY),
        chat(HARD),
        chat(HARD, EASY),
        chat(EASY, tools=TOOLS),
        chat(EASY, model="powerful"),
        chat(EASY, model="small"),
        chat(HARD, model="auto:quality=0.5"),
        {"model": "auto", **SEEN},
    ],
    ids=["easy", "hard", "sticky", "tools", "model", "upstream", "quality", "image"],
)
def test_a_chat_goes_where_the_dry_run_says(post, body):
    found = post("/v1/route", json=body).json()
    headers = told(post("/v1/chat/completions", json=body))
    assert (found["model"], found["upstream"]) == (headers["decision"], headers["served-by"])
    assert found["reason"] == headers["reason"] and found["format"] == "chat"
    assert found["confidence"] == pytest.approx(float(headers["confidence"]), abs=1e-6)


@pytest.mark.parametrize(
    ("path", "body", "query", "name"),
    [
        ("completions", {"model": "auto", "prompt": HARD}, "?format=completions", "completions"),
        (
            "decisions",
            {"input": HARD, "questions": [{"type": "choice", "choices": CHOICES}]},
            "",
            "decisions",
        ),
        ("messages", {**chat(HARD), "max_tokens": 9, "system": "Be brief."}, "", "messages"),
        ("messages", {**chat(EASY), "max_tokens": 9}, "?format=messages", "messages"),
        ("systemone", {"state": HARD, "questions": ASKED}, "", "systemone"),
        (
            "systemone",
            {"state": EASY, "questions": ASKED},
            "?x&format=systemone",
            "systemone",
        ),
    ],
)
def test_so_do_the_other_formats(post, path, body, query, name):
    found = post(f"/v1/route{query}", json=body).json()
    headers = told(post(f"/v1/{path}", json=body))
    assert (found["format"], found["model"], found["reason"]) == (
        name,
        headers["decision"],
        headers["reason"],
    )


@pytest.mark.parametrize(
    ("body", "query", "name"),
    [
        ({"model": "auto", "input": EASY}, "", "responses"),
        ({"input": [{"role": "user", "content": EASY}], "max_output_tokens": 7}, "", "responses"),
        ({**chat(EASY), "system": "Be brief.", "max_tokens": 7}, "", "messages"),
        (chat(EASY, max_tokens=7), "?format=messages", "messages"),
        (chat(EASY, max_tokens=7), "?a=b&format=chat", "chat"),
    ],
)
def test_the_format_is_told_by_the_shape_or_by_the_query(post, body, query, name):
    found = post(f"/v1/route{query}", json=body).json()
    assert found["format"] == name
    assert (found["model"], found["reason"]) == ("light", "below_threshold")


@pytest.mark.parametrize(
    ("body", "query", "message"),
    [
        (chat(EASY), "?format=odd", "format: one of chat"),
        ({"prompt": EASY}, "?format=chat", "messages"),
        ({"messages": []}, "", "messages"),
        (chat(EASY, model="nobody"), "", "no such model"),
        ({"state": EASY}, "", "messages or input"),
        ({"input": [], "questions": []}, "", "input: a text"),
    ],
)
def test_a_request_that_would_be_refused_is_refused(post, body, query, message):
    answer = post(f"/v1/route{query}", json=body)
    assert answer.status_code in (400, 404) and message in answer.json()["error"]["message"]
