"""Connections to upstreams on CPython: bounds, encodings, reuse, what the environment names."""

import asyncio
import gzip
import socket
import ssl
import subprocess
import threading
import zlib

import brotli
import pytest
from gateway.asking import EASY, chat, told
from gateway.running import KEY
from gateway.shapes import WHOLE, answer, stream
from patience import PATIENCE_S

from tiny_dancer.gateway.server import httpcore_fetch
from tiny_dancer.gateway.server.content_encoding import PIECE_BYTES, build_decoders, decode
from tiny_dancer.gateway.server.httpcore_fetch import HttpcoreFetch, find_proxy
from tiny_dancer.gateway.upstream.fetch import Call, FetchError

MIB = 1 << 20
BOMB = bytes(200 * MIB)
CODERS = {
    "gzip": lambda data: gzip.compress(data, 9),
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data, 9)),
    "br, gzip": lambda data: gzip.compress(brotli.compress(data, quality=5)),
}


@pytest.fixture(scope="module")
def bombs():
    return {name: code(BOMB) for name, code in CODERS.items()}


@pytest.mark.parametrize("name", CODERS)
def test_what_is_decoded_comes_in_small_pieces_and_is_right(name):
    data = bytes(range(256)) * 5000
    packed = CODERS[name](data)
    decoders = build_decoders(name)
    pieces = [
        piece
        for at in range(0, len(packed), 1000)
        for piece in decode(decoders, packed[at : at + 1000])
    ]
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= 2 * PIECE_BYTES  # brotli gives whole blocks


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize("name", CODERS)
def test_an_answer_that_expands_stays_within_its_bound(
    running, client, light, bombs, name, is_streamed
):
    http = client(running(limits={"answer_bytes": MIB, "event_bytes": MIB, "retries": 0}))
    send = stream if is_streamed else answer
    light.behaviour, light.raw = "raw", send(bombs[name], content_encoding=name)
    before = read_peak()
    got = http.post("/v1/chat/completions", json=chat(EASY, stream=is_streamed))
    assert got.status_code == 502 and "limits." in got.json()["error"]["message"]
    assert read_peak() - before < 64 * MIB


def read_peak():
    """Most bytes this process has held so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("name", ["zstd", "gzip, gzip, gzip", "foo"])
def test_an_encoding_that_is_not_known_is_a_fault_of_the_upstream(running, client, light, name):
    light.behaviour, light.raw = "raw", answer(b"x" * 100, content_encoding=name)
    got = client(running()).post("/v1/chat/completions", json=chat(EASY))
    assert told(got)["served-by"] == "big"


def test_the_bound_of_an_event_is_a_setting(running, client, light):
    image = f'data: {{"choices": [{{"index": 0, "delta": {{"image": "{"x" * (3 * MIB)}"}}}}]}}\n\n'
    light.behaviour, light.raw = "raw", stream(image, WHOLE)
    http = client(running(limits={"event_bytes": 8 * MIB}))
    got = http.post("/v1/chat/completions", json=chat(EASY, stream=True))
    assert len(got.content) > 3 * MIB and got.text.endswith("data: [DONE]\n\n")


def call_of(url):
    return Call(f"{url}/chat/completions", {"content-type": "application/json"}, b"{}")


async def read(found):
    data = b"".join([piece async for piece in found.pieces()])
    await found.aclose()
    return data


def test_a_connection_is_used_again(light):
    async def play():
        fetch = HttpcoreFetch()
        for _ in range(3):
            assert await read(await fetch(call_of(light.url)))
        idle = fetch.idle
        await fetch.aclose()
        return idle

    assert asyncio.run(play()) == 1
    assert len(light.calls) == 3


def test_one_whose_answer_was_not_read_to_its_end_is_not_kept(light):
    async def play():
        fetch = HttpcoreFetch()
        light.behaviour = "stall"
        found = await fetch(Call(call_of(light.url).url, {}, b'{"stream": true}'))
        async for _ in found.pieces():
            break
        await found.aclose()
        idle = fetch.idle
        light.behaviour = "ok"
        assert await read(await asyncio.wait_for(fetch(call_of(light.url)), PATIENCE_S))
        await fetch.aclose()
        return idle

    assert asyncio.run(play()) == 0


def test_a_client_that_leaves_right_after_done_costs_the_next_one_nothing(running, client, light):
    gateway = running()
    light.behaviour, light.raw = "whole, but open", []
    for _ in range(3):
        with socket.create_connection(gateway.url[7:].split(":"), PATIENCE_S) as line:
            body = b'{"model":"light","stream":true,"messages":[{"role":"user","content":"hi"}]}'
            line.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
                b"content-type: application/json\r\nauthorization: Bearer %b\r\n"
                b"content-length: %d\r\n\r\n%b" % (KEY.encode(), len(body), body)
            )
            text = b""
            while b"[DONE]" not in text:
                text += line.recv(65536)
    light.behaviour = "ok"
    got = client(gateway).post("/v1/chat/completions", json=chat(EASY, model="light"))
    assert got.status_code == 200


def test_idle_connections_that_the_other_side_closed_are_dropped(light):
    async def play():
        fetch = HttpcoreFetch()
        await read(await fetch(call_of(light.url)))
        assert fetch.idle == 1
        await asyncio.to_thread(light.close)
        await asyncio.sleep(0)
        await fetch.drop_dead()
        return fetch.idle

    assert asyncio.run(play()) == 0


def test_idle_connections_grow_too_old(light):
    now = [0.0]

    async def play():
        fetch = HttpcoreFetch(clock=lambda: now[0])
        await read(await fetch(call_of(light.url)))
        await fetch.drop_dead()
        young = fetch.idle
        now[0] += httpcore_fetch.IDLE_S + 1
        await fetch.drop_dead()
        return young, fetch.idle

    assert asyncio.run(play()) == (1, 0)


def test_no_descriptor_left_is_nobodys_fault_upstream(monkeypatch, light):
    def refuse(*_, **__):
        raise OSError(24, "Too many open files")

    async def play():
        fetch = HttpcoreFetch()
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", refuse)
        with pytest.raises(FetchError) as caught:
            await fetch(call_of(light.url))
        return caught.value

    error = asyncio.run(play())
    assert error.is_local and "Too many open files" in str(error)


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, ("https", "api.example"), None),
        ({"HTTPS_PROXY": "http://p:1"}, ("https", "api.example"), "http://p:1"),
        ({"https_proxy": "p:1"}, ("https", "api.example"), "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, ("http", "api.example"), None),
        ({"ALL_PROXY": "http://p:1"}, ("http", "api.example"), "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example"}, ("https", "api.example"), None),
        ({"HTTP_PROXY": "http://p:1"}, ("http", "127.0.0.1"), None),
        ({"HTTP_PROXY": "http://p:1"}, ("http", "localhost"), None),
    ],
)
def test_the_environment_names_the_proxy(monkeypatch, environment, url, proxy):
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert find_proxy(*url) == proxy


class Tls:
    """A server behind a certificate of its own authority, and a proxy that only tunnels to it."""

    def __init__(self, folder):
        self.certificate = folder / "own.pem"
        key = folder / "own.key"
        subject = ["-subj", "/CN=api.example", "-addext", "subjectAltName=DNS:api.example"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        subprocess.run(
            [*command, "-keyout", key, "-out", self.certificate, *subject],
            check=True,
            capture_output=True,
        )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.certificate, key)
        self.tunnels = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.proxy = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            line, _ = self._listener.accept()
            head = line.recv(65536)
            self.tunnels.append(head.split(b"\r\n")[0].decode())
            line.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            try:
                with self.context.wrap_socket(line, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(b"".join(answer('{"ok": 1}')))
            except OSError:
                pass


def test_a_private_authority_and_a_proxy_are_found_in_the_environment(monkeypatch, tmp_path):
    tls = Tls(tmp_path)
    monkeypatch.setenv("HTTPS_PROXY", tls.proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def play():
        fetch = HttpcoreFetch()
        try:
            return await read(await fetch(call_of("https://api.example/v1")))
        finally:
            await fetch.aclose()

    with pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(play())
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
    assert asyncio.run(play()) == b'{"ok": 1}'
    assert set(tls.tunnels) == {"CONNECT api.example:443 HTTP/1.1"}
