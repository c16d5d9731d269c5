"""What a client gets when all is well."""

import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import config_of


@pytest.mark.parametrize(
    ("prompt", "model", "served"), [(EASY, "light", "small"), (HARD, "powerful", "big")]
)
def test_a_chat_is_routed_and_says_so(running, client, prompt, model, served):
    answer = client(running()).post("/v1/chat/completions", json=chat(prompt))
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "Hello from here."
    said = told(answer)
    assert (said["decision"], said["served-by"]) == (model, served)
    assert said["reason"] == ("below_threshold" if model == "light" else "above_threshold")
    assert 0 <= float(said["confidence"]) <= 1 and 0 < float(said["uncertainty"]) <= 1
    assert said["policy"].startswith("p-") and said["decision-id"]
    assert float(said["cost"]) == pytest.approx((18e-6, 180e-6)[model == "powerful"])


def test_the_upstream_gets_its_own_model_and_key_and_nothing_of_the_client(running, client, light):
    rows = config_of(light.url, light.url)["upstreams"][:2]
    rows[0]["key_env"] = "SMALL_KEY"
    gateway = running(upstreams=rows, secret={"SMALL_KEY": "sk-of-the-gateway"})
    client(gateway).post(
        "/v1/chat/completions", json=chat(temperature=0.5), headers={"cookie": "a=b"}
    )
    path, headers, body = light.calls[0]
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer sk-of-the-gateway"
    assert "cookie" not in headers
    assert body["model"] == "small-1" and body["temperature"] == 0.5


def test_a_stream_comes_through_whole(running, client):
    answer = client(running()).post("/v1/chat/completions", json=chat(stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.count("data: ") == 6 and answer.text.endswith("data: [DONE]\n\n")
    assert "usage" not in answer.text  # the client did not ask for it


def test_the_usage_of_a_stream_is_handed_on_to_who_asks_for_it(running, client):
    options = {"include_usage": True}
    answer = client(running()).post(
        "/v1/chat/completions", json=chat(stream=True, stream_options=options)
    )
    assert '"prompt_tokens": 10' in answer.text


def test_a_completion_and_embeddings_come_through(running, client, powerful):
    http = client(running())
    answer = http.post("/v1/completions", json={"model": "auto", "prompt": EASY})
    assert answer.json()["choices"][0]["text"] == "Hello from here."
    assert told(answer)["decision"] == "light"
    answer = http.post("/v1/embeddings", json={"model": "vectors", "input": "a"})
    assert answer.json()["data"][0]["embedding"] == [0.5, 0.25]
    assert powerful.calls[-1][2] == {"model": "v-1", "input": "a"}


@pytest.mark.parametrize(
    ("name", "served"),
    [("light", "small"), ("small", "small"), ("powerful", "big"), ("big", "big")],
)
def test_a_named_model_is_asked_whatever_the_scores_say(running, client, name, served):
    said = told(client(running()).post("/v1/chat/completions", json=chat(HARD, model=name)))
    assert (said["served-by"], said["reason"]) == (served, "forced")


def test_a_quality_is_an_estimate_by_the_bundles_own_rows(running, client):
    http = client(running())
    shares = []
    for quality in ("0.5", "0.95", "1"):
        prompt = {"prompt": EASY, "model": f"auto:quality={quality}"}
        answer = http.post("/v1/route", json=prompt).json()
        shares.append(answer["threshold"])
    assert shares == sorted(shares, reverse=True) and len(set(shares)) == 3
    default = http.post("/v1/route", json={"prompt": EASY}).json()["threshold"]
    assert shares[1] == pytest.approx(default, abs=0.02)


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("gpt-nobody-has", 404, "model_not_found"),
        ("auto:quality=2", 400, None),
        ("auto:speed=1", 400, None),
        ("auto:risk=0.05", 501, None),
        (7, 400, None),
    ],
)
def test_a_model_that_is_none_is_named(running, client, model, status, code):
    answer = client(running()).post("/v1/chat/completions", json=chat(model=model))
    error = answer.json()["error"]
    assert answer.status_code == status and error["code"] == code
    assert set(error) == {"message", "type", "param", "code"}


def test_an_answer_is_not_withheld_because_the_store_is_behind(running, client):
    gateway = running(storage={"queue": 1, "batch": 1, "flush_s": 3600})
    http = client(gateway)
    for stream in (False, False, True, True):
        answer = http.post("/v1/chat/completions", json=chat(EASY, stream=stream))
        assert answer.status_code == 200 and "here" in answer.text
    assert "\ntiny_dancer_gateway_lost_outcomes_total 3\n" in http.get("/metrics").text


@pytest.mark.parametrize("stream", ["yes", 1, []])
def test_stream_is_true_or_false(running, client, stream):
    answer = client(running()).post("/v1/chat/completions", json=chat(stream=stream))
    assert answer.status_code == 400 and answer.json()["error"]["param"] == "stream"


def test_money_is_counted_and_so_is_what_was_saved(running, client):
    gateway = running()
    http = client(gateway)
    http.post("/v1/chat/completions", json=chat(EASY))
    http.post("/v1/chat/completions", json=chat(EASY, stream=True))
    http.post("/v1/chat/completions", json=chat(HARD))
    stats = gateway.stats()
    assert stats["total_routes"] == 3 and stats["lightweight_routes"] == 2
    assert stats["cost"] == pytest.approx(2 * 18e-6 + 180e-6)
    assert stats["money_saved"] == pytest.approx(2 * (180e-6 - 18e-6))
    text = http.get("/metrics").text
    assert "tiny_dancer_saved_money 0.000324" in text
    assert 'tiny_dancer_upstream_calls_total{upstream="small",outcome="ok",status="200"} 2' in text
