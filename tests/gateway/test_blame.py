"""Whose fault a failed call is, row by row: who is asked next, what the breaker is told, what the
client gets. tests/edge asks the same of the Worker."""

import json

import httpx
import openai
import pytest
from gateway.asking import EASY, chat, told
from gateway.running import KEY
from gateway.shapes import answer, chunk, stream
from patience import PATIENCE_S

from tiny_dancer.gateway.upstream.blame import BY_KIND, RULES, Blame, BreakerEffect, assign_blame
from tiny_dancer.gateway.upstream.error_body import read_error
from tiny_dancer.gateway.upstream.fault import FaultKind, UpstreamFault

MESSAGES = [{"role": "user", "content": EASY}]


def error(status, message="x", kind=None, code=None):
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return answer(json.dumps(body), status=status)


UPSTREAM = {
    "408": error(408),
    "500, and another answers": error(500),
    "502": error(502),
    "503": answer("<html>busy</html>", "text/html", 503),
    "504": error(504),
    "529": error(529),
    "302": answer("", None, 302, location="http://127.0.0.1:1/"),
    "garbage": answer("<html>welcome</html>", "text/html"),
    "200 with an error": answer('{"error": {"message": "x"}}'),
    "cut": [answer("x" * 100)[0], b"{"],
}
CONFIGURATION = {
    "401": error(401, "Incorrect API key provided: sk-abcd1234efgh."),
    "402": error(402, "Insufficient Balance"),
    "403": error(403),
    "404": error(404),
    "405": answer('{"detail": "Method Not Allowed"}', status=405),
    "404, Ollama": answer('{"error": "model \'small-1\' not found"}', status=404),
    "404, vLLM": answer(
        '{"object": "error", "message": "The model `small-1` does not exist.",'
        ' "type": "NotFoundError", "param": null, "code": 404}',
        status=404,
    ),
    "400, model_not_found": error(400, "x", "invalid_request_error", "model_not_found"),
    "400, LiteLLM": error(400, "litellm.BadRequestError: Invalid model name passed in model=s"),
    "400, unknown model": error(400, "Unknown Model, please check the model code."),
    "400, LiteLLM, a wrong key": error(400, "No connected db.", "no_db_connection", "400"),
    "400, Google, a wrong key": answer(
        '[{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.",'
        ' "status": "INVALID_ARGUMENT"}}]',
        status=400,
    ),
    "400, Anthropic, no credit": error(
        400, "Your credit balance is too low to access the API.", "invalid_request_error"
    ),
    "404, Azure": error(404, "x", None, "DeploymentNotFound"),
}
CAPABILITY = {
    "context_length_exceeded": error(400, "x", "invalid_request_error", "context_length_exceeded"),
    "OpenAI's words": error(400, "This model's maximum context length is 8192 tokens."),
    "llama.cpp, context": error(
        400,
        "the request exceeds the available context size, try increasing it",
        "exceed_context_size_error",
    ),
    "llama.cpp, audio": error(500, "audio input is not supported - hint: provide the mmproj"),
    "llama.cpp, tools": error(500, "tools param requires --jinja flag"),
    "TGI": answer(
        '{"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048",'
        ' "error_type": "validation"}',
        status=422,
    ),
    "vLLM, images": error(400, "At most 0 image(s) may be provided in one request."),
    "not multimodal": error(400, "small-1 is not a multimodal model"),
    "unsupported_parameter": error(400, "x", "invalid_request_error", "unsupported_parameter"),
    "unsupported value": error(400, "Unsupported value: 'temperature' does not support 0.5."),
    "Anthropic": error(400, "prompt is too long: 210000 tokens > 200000 maximum"),
    "413": error(413),
    "Google": answer(
        '[{"error": {"code": 400, "message": "The input token count exceeds the maximum number of'
        ' tokens allowed", "status": "INVALID_ARGUMENT"}}]',
        status=400,
    ),
}
CLIENT = {
    "400": error(400, "temperature: 7 is too hot", "invalid_request_error", "bad_value"),
    "400, FastAPI": answer('{"detail": "temperature: 7 is too hot"}', status=400),
    "400, text": answer("temperature: 7 is too hot", "text/plain", 400),
    "409": error(409, "temperature: 7 is too hot"),
    "422": error(422, "temperature: 7 is too hot"),
    "451": error(451, "temperature: 7 is too hot"),
}


def play(upstream, raw):
    upstream.behaviour, upstream.raw = "raw", raw


@pytest.fixture
def http(address):
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(
        base_url=address, headers=headers, timeout=PATIENCE_S, trust_env=False
    ) as client:
        yield client


def ask(http, model="auto", **more):
    return http.post("/v1/chat/completions", json=chat(EASY, model=model, **more))


def read_breaker(http):
    return http.get("/v1/stats").json()["breakers"]["small"]


@pytest.mark.parametrize("shape", UPSTREAM)
def test_the_upstreams_fault_asks_the_next_and_counts(http, light, shape):
    play(light, UPSTREAM[shape])
    for n in range(5):
        assert read_breaker(http) == "closed", n
        assert told(ask(http, stream=n % 2 == 1))["served-by"] == "big"
    assert read_breaker(http) == "open"


def test_load_asks_the_next_and_opens_for_as_long_as_told(http, light):
    play(light, answer('{"error": {"message": "slow down"}}', status=429, retry_after="600"))
    assert told(ask(http))["served-by"] == "big"
    assert read_breaker(http) == "open"
    again = ask(http, "light")
    assert again.status_code == 503 and 480 <= int(again.headers["retry-after"]) <= 660


@pytest.mark.parametrize("shape", CONFIGURATION)
def test_a_fault_of_the_configuration_asks_the_next_and_opens_at_once(http, light, shape):
    play(light, CONFIGURATION[shape])
    assert told(ask(http))["served-by"] == "big"
    assert read_breaker(http) == "open"
    calls = len(light.calls)
    assert told(ask(http))["reason"] == "breaker_light_open"
    assert len(light.calls) == calls


@pytest.mark.parametrize("shape", CONFIGURATION)
def test_a_fault_of_the_configuration_is_no_clients(http, light, shape):
    play(light, CONFIGURATION[shape])
    answer = ask(http, "light")
    assert answer.status_code == 502
    assert "sk-abcd" not in answer.text


@pytest.mark.parametrize("shape", CAPABILITY)
def test_what_a_model_cannot_do_asks_one_that_can_and_does_not_count(http, light, shape):
    play(light, CAPABILITY[shape])
    for n in range(6):
        assert told(ask(http, stream=n % 2 == 1))["served-by"] == "big"
    assert read_breaker(http) == "closed"
    assert 400 <= ask(http, "light").status_code < 500


@pytest.mark.parametrize("shape", CLIENT)
def test_the_clients_own_fault_asks_nobody_else_and_does_not_count(http, light, powerful, shape):
    play(light, CLIENT[shape])
    before = len(powerful.calls)
    for n in range(6):
        answer = ask(http, stream=n % 2 == 1)
        assert answer.json()["error"]["message"] == "temperature: 7 is too hot"
        assert answer.status_code == int(shape[:3])
    assert read_breaker(http) == "closed" and len(powerful.calls) == before


def test_a_request_that_nobody_can_digest_opens_no_breaker_for_others(http, light, powerful):
    for upstream in (light, powerful):
        play(upstream, error(500, "failed to parse"))
    for _ in range(6):
        assert ask(http).status_code == 502
        assert ask(http, "light").status_code == 502
    light.behaviour = powerful.behaviour = "ok"
    assert told(ask(http))["served-by"] == "small"


def test_our_own_bound_asks_nobody_else_and_does_not_count(http, light):
    light.behaviour = "huge"
    for n in range(6):
        answer = ask(http, stream=n % 2 == 1)
        assert answer.status_code == 502 and "limits." in answer.json()["error"]["message"]
    assert read_breaker(http) == "closed"


@pytest.mark.parametrize(
    ("kind", "blame"), [(one, BY_KIND[one]) for one in FaultKind if one is not FaultKind.STATUS]
)
def test_every_kind_of_fault_is_somebodys(kind, blame):
    assert assign_blame(UpstreamFault(kind)) is blame
    assert RULES[blame]


@pytest.mark.parametrize(
    ("blame", "asks_next", "effect"),
    [
        (Blame.UPSTREAM, True, BreakerEffect.COUNTS),
        (Blame.LOAD, True, BreakerEffect.OPENS_FOR_WAIT),
        (Blame.CONFIGURATION, True, BreakerEffect.OPENS),
        (Blame.CAPABILITY, True, BreakerEffect.NONE),
        (Blame.CLIENT, False, BreakerEffect.NONE),
        (Blame.NOBODY, False, BreakerEffect.NONE),
    ],
)
def test_the_table_is_the_one_of_the_architecture(blame, asks_next, effect):
    assert (RULES[blame].asks_next, RULES[blame].breaker) == (asks_next, effect)
    assert set(RULES) == set(Blame)


@pytest.mark.parametrize("status", range(400, 600))
def test_every_status_has_one_who_is_to_blame(status):
    fault = UpstreamFault(FaultKind.STATUS, status, error=read_error(b'{"error": "x"}'))
    expected = Blame.CLIENT if status < 500 else Blame.UPSTREAM
    if status in (401, 402, 403, 404, 405, 407):
        expected = Blame.CONFIGURATION
    elif status == 408:
        expected = Blame.UPSTREAM
    elif status == 413:
        expected = Blame.CAPABILITY
    elif status == 429:
        expected = Blame.LOAD
    assert assign_blame(fault) is expected


TOLD = {"x_request_id": "req_9", "x_ratelimit_remaining_requests": "0"}


@pytest.mark.parametrize("model", ["light", "auto"])
def test_the_upstreams_own_words_reach_the_client(address, light, powerful, model):
    body = {"message": "You exceeded your current quota.", "type": "insufficient_quota"}
    raw = answer(
        json.dumps({"error": {**body, "param": None, "code": "insufficient_quota"}}),
        status=429,
        **TOLD,
    )
    for upstream in (light, powerful):
        play(upstream, raw)
    api = openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0)
    with api, pytest.raises(openai.RateLimitError, match="exceeded your current") as caught:
        api.chat.completions.create(model=model, messages=MESSAGES)
    assert (caught.value.code, caught.value.type) == ("insufficient_quota", "insufficient_quota")
    assert caught.value.request_id == "req_9"
    assert caught.value.response.headers["x-ratelimit-remaining-requests"] == "0"
    assert caught.value.response.headers["x-tiny-dancer-request-id"].startswith("req-")


@pytest.mark.parametrize("is_streamed", [False, True])
def test_of_an_answer_the_request_id_and_the_rate_limits_do_too(http, light, is_streamed):
    body = f"data: {chunk('Hi', 'stop')}\n\ndata: [DONE]\n\n"
    whole = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}}]}
    play(light, stream(body, **TOLD) if is_streamed else answer(json.dumps(whole), **TOLD))
    got = ask(http, stream=is_streamed)
    assert got.headers["x-request-id"] == "req_9"
    assert got.headers["x-ratelimit-remaining-requests"] == "0"


def test_fields_beside_the_usual_ones_are_handed_on(http, light):
    inner = {"message": "filtered", "type": None, "code": "content_filter", "innererror": {"a": 1}}
    play(light, answer(json.dumps({"error": inner}), status=400))
    error = ask(http).json()["error"]
    assert error["code"] == "content_filter" and error["innererror"] == {"a": 1}


@pytest.mark.parametrize(
    ("wait", "bounded"),
    [("999999999", 3600), ("Fri, 13 Feb 2099 23:31:30 GMT", 3600), ("1e9", 1)],
)
def test_a_retry_after_is_bounded(http, light, powerful, wait, bounded):
    for upstream in (light, powerful):
        play(upstream, answer('{"error": {"message": "x"}}', status=429, retry_after=wait))
    told_wait = ask(http).headers.get("retry-after")
    if bounded == 1:  # it is no number of seconds and no date: soon, since no breaker is open
        assert told_wait == "1"
        return
    assert int(told_wait) == bounded
    refused = ask(http)  # by the breakers, which add their jitter
    assert refused.status_code == 503
    assert bounded - PATIENCE_S <= int(refused.headers["retry-after"]) <= bounded * 1.1
