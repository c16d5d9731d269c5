"""Requests that two servers might read in two ways, hosts that are not this one, and open doors."""

import os
import re
import socket
import stat
import subprocess
import sys

import httpx
import pytest
from gateway.asking import EASY, chat
from gateway.processes import find_free_port, serve
from gateway.running import KEY, config_of
from patience import PATIENCE_S

from tiny_dancer.gateway import ConfigError
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.server.greeting import find_warning

ANONYMOUS = {"keys": [], "anonymous": True}


def exchange(gateway, data, *, is_last=False):
    """The answer; where it is the last one, all that comes until the server closes."""
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as line:
        line.sendall(data)
        text = b""
        while b"\r\n\r\n" not in text:
            text += (piece := line.recv(65536))
            if not piece:
                break
        length = re.search(rb"content-length: (\d+)", text)
        while length and len(text.partition(b"\r\n\r\n")[2]) < int(length[1]):
            text += line.recv(65536)
        while is_last and (piece := line.recv(65536)):
            text += piece
        return text


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked",
        "HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 4",
        "HTTP/1.1\r\ncontent-length: 4\r\nTransfer-Encoding: Chunked",
        "HTTP/1.1\r\ncontent-length: 4\r\ncontent-length: 5",
        "HTTP/1.1\r\ncontent-length: 4, 5",
        "HTTP/1.1\r\ncontent-length: +4",
        "HTTP/1.1\r\ncontent-length: 0x4",
        "HTTP/1.1\r\ntransfer-encoding : chunked",
        "HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity",
        "HTTP/1.1\r\ntransfer-encoding: xchunked",
        "HTTP/1.1\r\nhost: y\r\ncontent-length: 4",
        "HTTP/1.0\r\ntransfer-encoding: chunked",
        "HTTP/1.1\r\n content-length: 4",
    ],
)
def test_a_body_whose_end_is_in_doubt_is_refused_and_nothing_after_it_is_read(running, head):
    first = f"POST /v1/route {head}\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
    hidden = "GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n"
    text = exchange(running(), f"{first}\r\n0\r\n\r\n{hidden}".encode(), is_last=True)
    assert re.match(rb"HTTP/1.1 (400|501) ", text), text
    assert b'{"error":{"message"' in text
    assert text.count(b"HTTP/1.1 ") == 1 and b"authentication_error" not in text


def test_headers_of_one_name_count_all(running):
    gateway = running(limits={"header_bytes": 1000})
    head = "GET /v1/models HTTP/1.1\r\nhost: x\r\n" + f"x-a: {'x' * 90}\r\n" * 20
    text = exchange(gateway, f"{head}authorization: Bearer {KEY}\r\n\r\n".encode())
    assert text.startswith(b"HTTP/1.1 431 ")


def test_headers_without_end_are_refused(running):
    gateway = running(limits={"header_bytes": 1000})
    head = "GET /v1/models HTTP/1.1\r\nhost: x\r\n" + f"x-a: {'x' * 90}\r\n" * 2_000
    text = exchange(gateway, head.encode()[:20_000], is_last=True)
    assert text.startswith(b"HTTP/1.1 431 ")


def test_one_of_two_keys_is_no_key(running):
    head = "GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n"
    text = exchange(running(), f"{head}authorization: Bearer {KEY}\r\n\r\n".encode())
    assert text.startswith(b"HTTP/1.1 401 ")


def ask(gateway, host, target="/v1/models"):
    data = f"GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n".encode()
    return int(exchange(gateway, data).split(b" ")[1])


HERE = ("127.0.0.1", "127.0.0.1:8787", "localhost", "LOCALHOST:1", "app.localhost", "[::1]:8787")
ELSEWHERE = ("rebind.example", "rebind.example:8787", "127.0.0.1.rebind.example", "", "localhost.x")


def test_a_name_that_leads_here_all_of_a_sudden_is_refused(running):
    gateway = running(**ANONYMOUS)
    assert [ask(gateway, host) for host in HERE] == [200] * len(HERE)
    assert [ask(gateway, host) for host in ELSEWHERE] == [421] * len(ELSEWHERE)
    assert ask(gateway, "localhost", "http://rebind.example/v1/models") == 421
    gateway = running(**ANONYMOUS, hosts=["LLM.lan"])
    assert [ask(gateway, host) for host in (*HERE, "llm.lan:80", "Llm.Lan.")] == [200] * 8
    assert [ask(gateway, host) for host in ELSEWHERE] == [421] * len(ELSEWHERE)
    gateway = running(**ANONYMOUS, hosts=["*"])
    assert [ask(gateway, host) for host in (*HERE, *ELSEWHERE)] == [200] * 11


def test_with_keys_any_host_is_taken_unless_some_are_named(running):
    assert [ask(running(), host) for host in ("x", "y:1")] == [401] * 2
    gateway = running(hosts=["llm.lan"])
    assert [ask(gateway, host) for host in ("llm.lan", "127.0.0.1", "x")] == [401, 401, 421]


@pytest.mark.parametrize(
    ("hosts", "path"),
    [
        ("a", "hosts: a list"),
        ([7], r"hosts\[0\]"),
        (["a:1"], r"hosts\[0\]"),
        (["a", "b/c"], r"hosts\[1\]"),
    ],
)
def test_hosts_that_are_none_are_named(hosts, path):
    raw = config_of("http://a.example", "http://b.example", hosts=hosts)
    with pytest.raises(ConfigError, match=path):
        read_config(raw, lambda _: None)


@pytest.mark.parametrize(
    ("host", "is_told"),
    [
        *(("0.0.0.0", True), ("::", True), ("192.168.1.7", True), ("llm.lan", True)),
        *(("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("localhost", False)),
    ],
)
def test_an_open_door_without_a_key_is_warned_of(host, is_told):
    raw = config_of("http://a.example", "http://b.example")
    assert find_warning(read_config(raw, lambda _: None), host) is None
    warning = find_warning(read_config(raw | ANONYMOUS, lambda _: None), host)
    assert (warning is not None) == is_told
    assert not is_told or f"warning: {host}" in str(warning)


def test_the_command_prints_the_warning(light, powerful, tmp_path):
    raw = config_of(light.url, powerful.url) | ANONYMOUS
    with serve(raw, tmp_path, "--host", "0.0.0.0") as served:
        assert "warning: 0.0.0.0 is reached from other machines" in served.output
    with serve(raw, tmp_path) as served:
        assert "warning" not in served.output


def test_the_files_of_the_history_are_their_owners_alone(light, powerful, tmp_path):
    path = tmp_path / "history.db"
    raw = config_of(light.url, powerful.url, storage={"path": str(path)})
    before = os.umask(0)
    try:
        with serve(raw, tmp_path, "--workers", "2") as served:
            headers = {"authorization": f"Bearer {KEY}"}
            url = f"{served.url}/v1/chat/completions"
            for _ in range(8):
                httpx.post(
                    url, json=chat(EASY), headers=headers, trust_env=False, timeout=PATIENCE_S
                )
            files = sorted(one.name for one in tmp_path.glob("history.db*"))
            assert files == ["history.db", "history.db-shm", "history.db-wal"]
            modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in files}
            assert modes == {0o600}
    finally:
        os.umask(before)


def test_the_demo_is_warned_of_too():
    program = "from tiny_dancer.cli import main; main()"
    options = ["--demo", "--host", "0.0.0.0", "--port", str(find_free_port())]
    command = [sys.executable, "-c", program, "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.terminate()
    assert lines[1].startswith("warning: 0.0.0.0")
