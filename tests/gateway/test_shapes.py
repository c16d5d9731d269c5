"""Upstreams answer as real servers do, well or badly. tests/edge asks the same of the Worker."""

import json
import re
import time

import httpx
import openai
import pytest
from gateway.asking import EASY, chat, told
from gateway.running import KEY
from gateway.shapes import (
    ANSWERS,
    FAILED_ANSWERS,
    FAILED_STREAMS,
    PLAIN,
    STREAMS,
    chunk,
    stream,
)
from patience import PATIENCE_S

HEADERS = {"authorization": f"Bearer {KEY}"}
MESSAGES = [{"role": "user", "content": EASY}]


@pytest.fixture
def http(address):
    with httpx.Client(
        base_url=address, headers=HEADERS, timeout=PATIENCE_S, trust_env=False
    ) as client:
        yield client


@pytest.fixture
def api(address):
    with openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def play(upstream, raw):
    upstream.behaviour, upstream.raw = "raw", raw


def play_stream(upstream, host, shape):
    if host == "workerd" and shape == "deflate":
        pytest.skip("workerd decodes gzip and br, and the gateway asks for those alone")
    play(upstream, STREAMS[shape])


def read_stats(http):
    return http.get("/v1/stats").json()


def read_saved(http):
    text = http.get("/metrics").text
    return float(re.search(r"^tiny_dancer_saved_money (\S+)", text, re.M)[1])


def read_text(events):
    return "".join(c.choices[0].delta.content or "" for c in events if c.choices)


@pytest.mark.parametrize("shape", STREAMS)
def test_a_stream_that_is_whole_is_read_by_the_official_client(api, light, host, shape):
    play_stream(light, host, shape)
    options = {"include_usage": True}
    chunks = list(
        api.chat.completions.create(
            model="auto", messages=MESSAGES, stream=True, stream_options=options
        )
    )
    first = [c for c in chunks if c.choices and c.choices[0].index == 0]
    assert read_text(first) == "Hi."
    usage = [c.usage.total_tokens for c in chunks if getattr(c, "usage", None)]
    assert usage == ([] if "no usage" in shape or shape == "two choices" else [14])


@pytest.mark.parametrize("shape", STREAMS)
def test_a_stream_that_is_whole_ends_with_done_and_costs_what_it_says(http, light, host, shape):
    play_stream(light, host, shape)
    before = read_saved(http)
    answer = http.post("/v1/chat/completions", json=chat(stream=True))
    assert told(answer)["served-by"] == "small"
    assert answer.text.endswith("data: [DONE]\n\n") and answer.text.count("[DONE]") == 1
    if "no usage" in shape or shape == "two choices":
        return
    ends_at = time.monotonic() + PATIENCE_S  # it is counted when the connection has been let go
    while read_saved(http) == before and time.monotonic() < ends_at:
        time.sleep(0.02)
    assert read_saved(http) - before == pytest.approx(180e-6 - 18e-6)


def test_a_healthy_upstream_without_done_keeps_its_breaker_closed(http, light):
    play(light, stream(PLAIN))
    for _ in range(6):
        answer = http.post("/v1/chat/completions", json=chat(stream=True))
        assert told(answer)["served-by"] == "small" and "error" not in answer.text
    assert read_stats(http)["breakers"]["small"] == "closed"


@pytest.mark.parametrize(
    "raw",
    [
        stream(f"data: {chunk('Hi')}\n\n"),
        stream(f"data: {chunk('Hi')}\n\ndata: {chunk('Y', 'stop', index=1)}\n\n"),
        stream(f"data: {chunk('Hi')}\n\ndata: {chunk('.', 'st')[:20]}"),
    ],
)
def test_a_stream_that_ends_in_the_middle_is_an_error(http, light, raw):
    play(light, raw)
    answer = http.post("/v1/chat/completions", json=chat(stream=True))
    assert '"error"' in answer.text and "[DONE]" not in answer.text


@pytest.mark.parametrize("shape", ANSWERS)
def test_an_answer_that_is_whole_is_read_by_the_official_client(api, light, shape):
    play(light, ANSWERS[shape])
    answer = api.chat.completions.with_raw_response.create(model="auto", messages=MESSAGES)
    assert answer.status_code == 200
    assert answer.parse().choices[0].message.content == "Hi."
    assert answer.headers["x-tiny-dancer-served-by"] == "small"


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("shape", dict.fromkeys((*FAILED_STREAMS, *FAILED_ANSWERS)))
def test_a_success_that_is_none_falls_back_and_is_told_to_the_breaker(
    http, light, shape, is_streamed
):
    shapes = FAILED_STREAMS if is_streamed else FAILED_ANSWERS
    if shape not in shapes:
        pytest.skip("of the other form")
    play(light, shapes[shape])
    for _ in range(5):
        answer = http.post("/v1/chat/completions", json=chat(stream=is_streamed))
        assert answer.status_code == 200 and told(answer)["served-by"] == "big"
    assert read_stats(http)["breakers"]["small"] == "open"


def test_an_error_inside_a_chunk_that_has_choices_ends_the_stream_as_an_error(api, light):
    bad = {**json.loads(chunk("bad")), "error": {"message": "the engine is dead", "code": "dead"}}
    play(light, stream(f"data: {chunk('Hi')}\n\n", f"data: {json.dumps(bad)}\n\ndata: [DONE]\n\n"))
    words = []
    with pytest.raises(openai.APIError, match="the engine is dead") as caught:
        for one in api.chat.completions.create(model="auto", messages=MESSAGES, stream=True):
            words.append(one.choices[0].delta.content)
    assert words == ["Hi"] and caught.value.code == "dead"


def test_a_comment_before_the_first_event_is_handed_on_at_once(http, light):
    play(light, stream(": PROCESSING\n\n"))
    light.behaviour = "comment, then nothing"
    body = chat(stream=True)
    with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        assert next(answer.iter_raw()) == b": PROCESSING\n\n"
