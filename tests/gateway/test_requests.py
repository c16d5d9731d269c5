"""What clients send, in the forms they send it. tests/edge asks the same of the Worker."""

import json
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from gateway.asking import EASY, chat
from gateway.running import KEY
from patience import PATIENCE_S

CHAT = "/v1/chat/completions"


@pytest.fixture
def http(address):
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(
        base_url=address, headers=headers, timeout=PATIENCE_S, trust_env=False
    ) as client:
        yield client


@pytest.mark.parametrize(
    "fields",
    [
        '"temperature": 1e400',
        '"temperature": -1e400',
        '"temperature": NaN',
        '"top_p": Infinity',
        '"top_p": -Infinity',
        '"logit_bias": {"7": 1e999}',
        '"stop": [1e400]',
        f'"seed": {"9" * 5000}',
        '"temperature": 01',
        '"temperature": .5',
        '"temperature": +1',
        '"temperature": 0x10',
    ],
)
@pytest.mark.parametrize("path", [CHAT, "/v1/completions", "/v1/embeddings"])
def test_what_is_no_number_of_json_never_goes_upstream(http, light, powerful, path, fields):
    before = len(light.calls) + len(powerful.calls)
    body = f'{{"model": "auto", "messages": [{{"role": "user", "content": "hi"}}], {fields}}}'
    headers = {"content-type": "application/json"}
    answer = http.post(path, content=body, headers=headers)
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "invalid_json"
    assert len(light.calls) + len(powerful.calls) == before


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json;charset=UTF-8",
        "application/json; charset=utf8",
        'application/json ; Charset="utf-8"',
        "application/json; charset='utf-8'",
        "Application/JSON; charset=US-ASCII",
        "application/json; charset=utf-8; boundary=x",
        "application/json;",
    ],
)
def test_a_content_type_has_many_forms(http, kind):
    body = json.dumps(chat(EASY))
    assert http.post(CHAT, content=body, headers={"content-type": kind}).status_code == 200


def test_a_byte_order_mark_before_the_body_is_no_trouble(http):
    body = b"\xef\xbb\xbf" + json.dumps(chat(EASY)).encode()
    headers = {"content-type": "application/json"}
    assert http.post(CHAT, content=body, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/models", "/metrics"])
def test_head_asks_for_the_headers_of_get(http, path):
    answer = http.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == http.get(path).headers["content-type"]


def test_head_is_no_post(http):
    assert http.head(CHAT).status_code == 405


@pytest.mark.parametrize("path", ["/healthz/", "/v1/models/", "/v1/candidates/", "/v1/stats/"])
def test_a_slash_at_the_end_changes_nothing(http, path):
    assert http.get(path).status_code == 200


def test_a_chat_with_a_slash_at_its_end_is_one(http):
    assert http.post(f"{CHAT}/", json=chat(EASY)).status_code == 200


@pytest.mark.parametrize("name", ["auto", "light", "small", "vectors"])
def test_a_model_is_described_by_its_name(http, name):
    answer = http.get(f"/v1/models/{name}").json()
    assert (answer["id"], answer["object"]) == (name, "model")


def test_a_model_that_nobody_has_is_404(http):
    answer = http.get("/v1/models/gpt-nobody")
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "model_not_found"
    assert "'gpt-nobody'" in answer.json()["error"]["message"]


def test_an_upstream_of_embeddings_refuses_chats(http):
    answer = http.post(CHAT, json=chat(EASY, model="vectors"))
    assert answer.status_code == 400
    assert "serves /v1/embeddings alone" in answer.json()["error"]["message"]


def test_every_answer_has_an_id_of_its_own(http):
    answers = [http.get("/healthz"), http.post(CHAT, json=chat(EASY)), http.get("/v1/nothing")]
    ids = [answer.headers["x-tiny-dancer-request-id"] for answer in answers]
    assert len(set(ids)) == 3 and all(one.startswith("req-") for one in ids)
    assert all(answer.headers["x-request-id"] for answer in answers)


def test_an_upgrade_to_h2c_is_ignored(address):
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port)) as line:
        line.sendall(
            f"GET /healthz HTTP/1.1\r\nhost: {parts.netloc}\r\n"
            "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n"
            "http2-settings: AAMAAABkAAQAAP__\r\n\r\n".encode()
        )
        assert b"200 OK" in line.recv(65536)


def test_the_upstream_learns_who_asks(http, light):
    http.post(CHAT, json=chat(EASY))
    assert light.calls[-1][1]["user-agent"].startswith("tiny-dancer")
