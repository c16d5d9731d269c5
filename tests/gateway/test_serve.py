"""The command: its own process, several of them, the demo, and what it refuses."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.processes import cpython, find_free_port, wait_for
from gateway.running import KEY, config_of
from patience import PATIENCE_S

from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.server.http_server import build_options

COMMAND = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "serve"]


def test_several_processes_share_one_history(light, powerful, tmp_path):
    raw = config_of(light.url, powerful.url, storage={"path": str(tmp_path / "history.db")})
    headers = {"authorization": f"Bearer {KEY}"}

    def ask(url, n):
        with httpx.Client(headers=headers, timeout=PATIENCE_S, trust_env=False) as http:
            answer = http.post(f"{url}/v1/chat/completions", json=chat((EASY, HARD)[n % 2]))
            outcome = {"decision_id": told(answer)["decision-id"], "light_score": 1.0}
            return answer.status_code, http.post(f"{url}/v1/outcomes", json=outcome).status_code

    with cpython(raw, tmp_path, workers=2) as url:
        with ThreadPoolExecutor(8) as pool:
            seen = list(pool.map(lambda n: ask(url, n), range(40)))
        assert seen == [(200, 200)] * 40
    with cpython(raw, tmp_path) as url:
        stats = httpx.get(
            f"{url}/v1/stats", headers=headers, trust_env=False, timeout=PATIENCE_S
        ).json()
        assert (stats["total_routes"], stats["outcomes"]) == (40, 40)
        assert stats["lightweight_routes"] == 20


def read_saved(http, url) -> float:
    text = http.get(f"{url}/metrics").text
    return float(re.search(r"^tiny_dancer_saved_money (\S+)", text, re.M)[1])


def test_the_demo_routes_without_a_key():
    environment = {**os.environ, "COLUMNS": "200"}
    command = [*COMMAND, "--demo", "--port", str(find_free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        url = re.search(r"http://[^\s/]+", process.stdout.readline())[0]
        wait_for(url, process)
        with httpx.Client(trust_env=False, timeout=PATIENCE_S) as http:
            for prompt, name in ((EASY, "light"), (HARD, "powerful")):
                answer = http.post(f"{url}/v1/chat/completions", json=chat(prompt))
                content = answer.json()["choices"][0]["message"]["content"]
                assert content == f"This is the {name} model. You asked: {prompt}"
                answer = http.post(f"{url}/v1/chat/completions", json=chat(prompt, stream=True))
                assert answer.text.endswith("data: [DONE]\n\n")
            end = time.monotonic() + PATIENCE_S
            while read_saved(http, url) == 0:  # a thread writes to the store
                assert time.monotonic() < end
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) in (0, 130, -signal.SIGINT)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "exactly one of --config FILE and --demo"),
        (["--demo", "--config", "light.json"], 2, "exactly one of --config FILE and --demo"),
        (["--observe"], 2, "go with --demo"),
        (["--demo", "--workers", "2"], 2, "--demo runs in one process"),
        (["--config", "nowhere.toml"], 1, "nowhere.toml: No such file"),
        (["--config", "bad.toml"], 1, "bad.toml: not TOML: .*line 1"),
        (["--config", "empty.toml"], 1, "empty.toml: upstreams: at least one of kind chat"),
        (["--config", "light.json"], 1, "light.json: .*none serves"),
    ],
)
def test_what_it_refuses_is_said_in_one_line(tmp_path, arguments, code, message):
    (tmp_path / "bad.toml").write_text("a = \n")
    (tmp_path / "empty.toml").write_text("")
    (tmp_path / "light.json").write_text(
        '{"anonymous": true, "upstreams": [{"name": "a", "serves": "light", "model": "m",'
        ' "base_url": "http://a.example"}]}'
    )
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == code
    assert re.search(message, done.stderr), done.stderr
    assert "Traceback" not in done.stderr


def test_an_upgrade_that_curl_offers_is_no_line_of_the_log(light, powerful, tmp_path, capfd):
    raw = config_of(light.url, powerful.url)
    with (
        cpython(raw, tmp_path) as url,
        socket.create_connection(url[7:].split(":")) as line,
    ):
        line.sendall(
            b"GET /v1/models HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\n"
            b"upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n"
        )
        assert b" 401 " in line.recv(65536)
    out = "".join(capfd.readouterr())
    assert "GET /v1/models 401" in out and "pgrade" not in out and "WebSocket" not in out


def test_bounds_of_connections_reach_the_server():
    raw = config_of("http://a.example", "http://b.example")
    raw["limits"] = {"connections": 7, "keep_alive_s": 9, "header_bytes": 1000}
    options = build_options(read_config(raw, lambda _: None).limits)
    assert (options["backlog"], options["timeout_keep_alive"]) == (7, 9)
    assert 1000 < options["h11_max_incomplete_event_size"] < 20_000
