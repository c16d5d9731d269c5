"""What a client's connection may take: descriptors, time for a head, a body, an answer."""

import json
import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from gateway.asking import EASY, chat, told
from gateway.processes import serve
from gateway.running import KEY, config_of
from gateway.shapes import chunk, stream
from patience import PATIENCE_S, wait_until

CHAT = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
HEADERS = {"authorization": f"Bearer {KEY}"}


def connect(gateway):
    host, port = gateway.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), PATIENCE_S)


def frame(body=None, key=KEY, head=CHAT):
    """A chat as it goes over the wire."""
    data = json.dumps(body or chat(EASY, model="light")).encode()
    lines = f"{head}authorization: Bearer {key}\r\ncontent-length: {len(data)}\r\n\r\n"
    return lines.encode() + data


def read_to_end(line):
    """All that comes until the server closes."""
    text = b""
    while piece := line.recv(65536):
        text += piece
    return text


def is_closed(line):
    line.settimeout(PATIENCE_S)
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


def test_an_idle_connection_makes_room_for_a_new_one(running, client):
    gateway = running(limits={"connections": 5})
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(gateway)) for _ in range(30)]
        assert client(gateway).get("/v1/models").status_code == 200
        assert all(is_closed(line) for line in idle[:20])
        used = client(gateway)
        assert used.get("/v1/models").status_code == 200
        for _ in range(10):  # it has been idle for less long than these
            stack.enter_context(connect(gateway))
        assert used.get("/v1/models").status_code == 200


def test_where_all_are_at_work_one_more_is_told_to_come_back(running, client, light):
    gateway = running(limits={"connections": 3})
    light.behaviour = "slow headers"
    with ExitStack() as stack:
        for n in range(3):
            stack.enter_context(connect(gateway)).sendall(frame())
            light.wait_for_calls(n + 1)
        for _ in range(3):
            answer = client(gateway).post("/v1/chat/completions", json=chat(EASY))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["error"]["code"] == "too_many_connections"
            assert answer.headers["connection"] == "close"
    light.wait_for_left(3)
    light.behaviour = "ok"
    assert told(client(gateway).post("/v1/chat/completions", json=chat(EASY)))["served-by"]


def test_a_head_that_does_not_come_ends_its_connection(running):
    gateway = running(limits={"headers_s": 0.3})
    with connect(gateway) as silent:
        assert read_to_end(silent) == b""
    with connect(gateway) as drops:
        ends_at = time.monotonic() + PATIENCE_S
        with pytest.raises(OSError):
            while time.monotonic() < ends_at:  # a letter now and then is no head either
                drops.sendall(b"G")
                time.sleep(0.02)


@pytest.mark.parametrize(
    "begin", [b"", b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"], ids=["", "second"]
)
def test_half_a_head_is_refused_also_behind_a_request(running, begin):
    gateway = running()
    with connect(gateway) as line:
        line.sendall(begin)
        assert not begin or line.recv(65536).startswith(b"HTTP/1.1 200")
        line.sendall(b"GET /v1/models HTTP/1.1\r\nhost: ")
        wait_until(lambda: count_begun(gateway) == 1)
        gateway.bound(headers_s=0.3)
        text = read_to_end(line)
        assert b"HTTP/1.1 408 " in text and b'"message"' in text


def count_begun(gateway):
    """Connections where a part of a head has come."""

    async def count():
        found = gateway._server.server_state.connections
        return sum(bool(one.conn.trailing_data[0]) for one in found)

    return gateway.wait(count())


@pytest.mark.parametrize("body", [b"{", b""])
def test_a_body_that_does_not_come_ends_its_connection(running, body):
    gateway = running(limits={"body_s": 0.2})
    with connect(gateway) as line:
        line.sendall(frame()[: -len(json.dumps(chat(EASY, model="light")))] + body)
        text = read_to_end(line)
        assert text.startswith(b"HTTP/1.1 408 ") and b"connection: close" in text


def test_a_refusal_whose_body_is_unread_arrives_and_closes(running):
    gateway = running(limits={"body_bytes": 8 << 20})
    body = b"x" * (4 << 20)
    for key, length, status in (("wrong", len(body), b"401"), (KEY, 9 << 20, b"413")):
        with connect(gateway) as line:
            head = f"{CHAT}authorization: Bearer {key}\r\ncontent-length: {length}\r\n\r\n"
            line.sendall(head.encode())
            line.sendall(body)  # nobody reads it, and yet the answer is not lost
            if length > len(body):
                line.shutdown(socket.SHUT_WR)
            text = read_to_end(line)
            assert text.startswith(b"HTTP/1.1 " + status) and b"connection: close" in text


def test_a_refused_body_that_goes_on_for_ever_is_not_read_for_ever(running):
    with connect(running()) as line:
        line.sendall(f"{CHAT}content-length: 999999999\r\n\r\n".encode())
        ends_at = time.monotonic() + PATIENCE_S
        with pytest.raises(OSError):
            while time.monotonic() < ends_at:
                line.sendall(b"x")
                time.sleep(0.05)


def test_refused_bodies_that_do_not_end_keep_nobody_out(running, client):
    gateway = running(limits={"connections": 3})
    with ExitStack() as stack:
        for _ in range(12):
            line = stack.enter_context(connect(gateway))
            line.sendall(f"{CHAT}content-length: 999999999\r\n\r\nx".encode())
            assert line.recv(65536).startswith(b"HTTP/1.1 401")
            assert client(gateway).get("/healthz").status_code == 200


def test_a_refusal_whose_body_is_here_keeps_the_connection(running):
    with connect(running()) as line:
        for _ in range(2):
            line.sendall(frame(key="wrong"))
            text = line.recv(65536)
            while not text.endswith(b"}"):
                text += line.recv(65536)
            assert text.startswith(b"HTTP/1.1 401") and b"connection: close" not in text


def test_a_client_that_asks_before_it_sends_a_body_is_not_asked_for_a_refused_one(running):
    with connect(running()) as line:
        line.sendall(f"{CHAT}expect: 100-continue\r\ncontent-length: 99\r\n\r\n".encode())
        text = read_to_end(line)
        assert text.startswith(b"HTTP/1.1 401") and b"connection: close" in text


def test_a_client_that_does_not_read_is_given_up(running, light):
    gateway = running(limits={"write_s": 0.3, "event_bytes": 1 << 20})
    light.behaviour = "raw"
    light.raw = stream(*[f"data: {chunk('x' * 500_000)}\n\n"] * 60)
    with connect(gateway) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(frame(chat(EASY, model="light", stream=True)))
        light.wait_for_calls(1)

        async def count():
            return len(gateway._server.server_state.connections)

        wait_until(lambda: not gateway.wait(count()))


def count_descriptors(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_idle_sockets_do_not_exhaust_the_descriptors(light, powerful, tmp_path):
    raw = config_of(light.url, powerful.url, storage={"path": str(tmp_path / "h.db")})
    with serve(raw, tmp_path, files=160) as served, ExitStack() as stack:
        for _ in range(400):
            stack.enter_context(connect(served))
        assert count_descriptors(served.process.pid) < 160
        for model, name in (("light", "small"), ("powerful", "big")):
            body = chat(EASY, model=model)
            answer = httpx.post(
                f"{served.url}/v1/chat/completions",
                json=body,
                headers=HEADERS,
                trust_env=False,
                timeout=PATIENCE_S,
            )
            assert told(answer)["served-by"] == name
        stats = httpx.get(
            f"{served.url}/v1/stats", headers=HEADERS, trust_env=False, timeout=PATIENCE_S
        ).json()
        assert set(stats["breakers"].values()) == {"closed"}
        assert "24 of 1000 limits.connections" in served.output
        assert "Traceback" not in served.output and "out of system resource" not in served.output


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_descriptor_left_here_opens_no_breaker(light, powerful, tmp_path, host):
    urls = (one.url.replace("127.0.0.1", host) for one in (light, powerful))
    raw = config_of(*urls, limits={"retries": 0})
    with (
        serve(raw, tmp_path) as served,
        httpx.Client(
            base_url=served.url, headers=HEADERS, timeout=PATIENCE_S, trust_env=False
        ) as http,
    ):
        assert http.get("/v1/models").status_code == 200
        pid = served.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (count_descriptors(pid), before[1]))
        for model in ("light", "powerful", "auto") * 3:
            answer = http.post("/v1/chat/completions", json=chat(EASY, model=model))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert answer.json()["error"]["code"] == "upstream_exhausted"
        assert not light.calls and not powerful.calls
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        for model, name in (("light", "small"), ("powerful", "big")):
            answer = http.post("/v1/chat/completions", json=chat(EASY, model=model))
            assert told(answer)["served-by"] == name
        assert "Traceback" not in served.output
