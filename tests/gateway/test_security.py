"""Who may do what, and what never leaves the gateway."""

import socket
from urllib.parse import urlsplit

import pytest
from gateway.asking import EASY, chat
from gateway.running import ADMIN, KEY
from patience import PATIENCE_S

from tiny_dancer.gateway.endpoints.paths import ENDPOINTS, Access

PROTECTED = [
    (method, path.rstrip("/") if path != "/v1/candidates/" else "/v1/candidates/x", endpoint.access)
    for path, methods in ENDPOINTS.items()
    for method, endpoint in methods.items()
    if endpoint.access is not Access.ANYBODY
]


@pytest.mark.parametrize("key", [None, "wrong", "", "\u00e9".encode().decode("latin-1")])
def test_nothing_is_done_without_a_known_key(running, client, light, powerful, key):
    http = client(running(), key)
    for method, path, _ in PROTECTED:
        answer = http.request(method, path, json={"model": "auto"})
        assert answer.status_code == 401, path
        assert answer.json()["error"]["type"] == "authentication_error"
    assert not light.calls and not powerful.calls


def test_a_users_key_is_no_admins(running, client):
    http = client(running())
    for method, path, access in PROTECTED:
        if access is Access.ADMIN:
            assert http.request(method, path, json={}).status_code == 403, path


def test_without_admin_keys_nobody_is_admin(running, client):
    http = client(running(admin_keys=[], keys=[], anonymous=True), None)
    assert http.get("/v1/models").status_code == 200
    assert http.post("/admin/reload", json={}).status_code == 403


def test_health_needs_no_key(running, client):
    http = client(running(), None)
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/readyz").json() == {"ready": True, "bundle": True, "store": True}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_only_json_is_taken(running, client, headers, status):
    body = b'{"prompt": "hi"}'
    assert client(running()).post("/v1/route", content=body, headers=headers).status_code == status


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(running, client, body):
    headers = {"content-type": "application/json"}
    answer = client(running()).post("/v1/route", content=body, headers=headers)
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "invalid_json"


def test_large_bodies_and_headers_are_refused(running, client):
    http = client(running(limits={"body_bytes": 1000, "header_bytes": 1000}))
    answer = http.post("/v1/route", json={"prompt": "x" * 1000})
    assert answer.status_code == 413 and "1000 bytes" in answer.json()["error"]["message"]

    def pieces():
        yield from [b"x" * 600] * 2

    headers = {"content-type": "application/json"}
    assert http.post("/v1/route", content=pieces(), headers=headers).status_code == 413
    assert http.get("/v1/models", headers={"x-long": "x" * 1000}).status_code == 431


def test_a_body_that_does_not_come_is_given_up(running):
    gateway = running(limits={"body_s": 0.1})
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as line:
        line.sendall(
            f"POST /v1/route HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
            "content-type: application/json\r\ncontent-length: 10\r\n\r\n{".encode()
        )
        assert line.recv(4096).startswith(b"HTTP/1.1 408")


def test_unknown_addresses_and_methods(running, client):
    http = client(running())
    assert http.get("/v1/nothing").status_code == 404
    assert http.get("/v1/candidates/x/y").status_code == 404
    answer = http.get("/v1/chat/completions")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert http.options("/v1/models").status_code == 405


def test_pages_may_not_call_unless_their_origin_is_named(running, client):
    ours = {"origin": "https://app.example"}
    asks = {"access-control-request-method": "POST"}
    http = client(running())
    assert http.options("/v1/route", headers={**ours, **asks}).status_code == 405
    assert "access-control-allow-origin" not in http.get("/v1/models", headers=ours).headers

    http = client(running(cors=["https://app.example"]))
    answer = http.options("/v1/route", headers={**ours, **asks})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    for key in (KEY, "wrong"):  # a page has to be able to read an error too
        headers = {**ours, "authorization": f"Bearer {key}"}
        answer = http.get("/v1/models", headers=headers)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
    answer = http.get("/v1/models", headers={"origin": "https://other.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_an_upstream_is_never_named_by_a_client(running, client, light, powerful):
    body = chat(base_url="http://127.0.0.1:1/", api_base="http://127.0.0.1:1/")
    assert client(running()).post("/v1/chat/completions", json=body).status_code == 200
    assert len(light.calls) + len(powerful.calls) == 1


def test_no_key_and_no_prompt_is_written_anywhere(running, client, light, powerful, capfd):
    light.behaviour = powerful.behaviour = "500"
    gateway = running()
    http = client(gateway)
    http.post("/v1/chat/completions", json=chat("a secret prompt"))
    http.post("/v1/route", json={"prompt": "a secret prompt", "top_k": 70})
    gateway.gateway.upstreams = None  # something fails inside
    answer = http.post("/v1/chat/completions", json=chat("a secret prompt"))
    assert answer.status_code == 500 and "secret" not in answer.text
    gateway.close()
    out, err = capfd.readouterr()
    assert "AttributeError" in out + err
    assert not any(word in out + err for word in ("secret", KEY, ADMIN))


def test_the_hash_of_the_key_is_not_the_key(running, client):
    gateway = running()
    hashed = gateway.config.keys[0].sha256
    assert client(gateway, hashed).get("/v1/models").status_code == 401
    assert client(gateway).post("/v1/route", json={"prompt": EASY}).status_code == 200


def test_a_target_may_be_absolute(address):
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port)) as line:
        target = f"http://{parts.netloc}/healthz"
        head = f"GET {target} HTTP/1.1\r\nhost: {parts.netloc}\r\nconnection: close\r\n\r\n"
        line.sendall(head.encode())
        assert b"200 OK" in line.recv(65536)
