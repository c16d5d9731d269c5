"""Aliases, headers and queries of upstreams, and a config that is read anew."""

import json
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from hashlib import sha256

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.processes import cpython, find_free_port, serve
from gateway.running import ADMIN, KEY, config_of
from patience import PATIENCE_S
from random_bundle import random_bundle

from tiny_dancer.gateway import ConfigError
from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.routing.upstreams import Upstreams
from tiny_dancer.model import read_bundle

OTHER = "another-key"


def hash_of(key):
    return sha256(key.encode()).hexdigest()


@pytest.mark.parametrize(
    ("alias", "prompt", "decision", "reason"),
    [
        ("gpt-4o", EASY, "light", "below_threshold"),
        ("gpt-4o", HARD, "powerful", "above_threshold"),
        ("cheap", HARD, "light", "forced"),
        ("good", EASY, "light", "below_threshold"),
    ],
)
def test_a_name_that_clients_know_is_an_alias(running, client, alias, prompt, decision, reason):
    aliases = {"gpt-4o": "auto", "cheap": "small", "good": "auto:quality=0.9", "v": "vectors"}
    http = client(running(aliases=aliases))
    said = told(http.post("/v1/chat/completions", json=chat(prompt, model=alias)))
    assert (said["decision"], said["reason"]) == (decision, reason)
    names = [row["id"] for row in http.get("/v1/models").json()["data"]]
    assert names[-4:] == list(aliases)
    assert http.get(f"/v1/models/{alias}").json()["id"] == alias
    assert http.post("/v1/embeddings", json={"model": "v", "input": "a"}).status_code == 200


@pytest.mark.parametrize(
    ("aliases", "message"),
    [
        ({"light": "powerful"}, "aliases.light: it is the name"),
        ({"auto": "light"}, "aliases.auto: it is the name"),
        ({"a": "nobody"}, "aliases.a: there is no model"),
        ({"a": 7}, "aliases.a: a text"),
    ],
)
def test_an_alias_that_stands_for_nothing_is_refused(aliases, message):
    raw = config_of("http://a.example", "http://b.example", aliases=aliases)
    with pytest.raises(ConfigError, match=message):
        Upstreams.arrange(read_config(raw, lambda _: None), ("light", "powerful"))


def test_headers_and_query_go_with_every_call(running, client, light, powerful):
    rows = config_of(light.url, powerful.url)["upstreams"]
    rows[0] |= {
        "headers": {"X-Team": "blue"},
        "query": {"api-version": "2026-01-01"},
        "auth": "api-key",
        "key_env": "AZURE",
    }
    http = client(running(upstreams=rows, secret={"AZURE": "k-1"}))
    assert told(http.post("/v1/chat/completions", json=chat(EASY)))["served-by"] == "small"
    path, headers, _ = light.calls[0]
    assert path == "/v1/chat/completions?api-version=2026-01-01"
    assert (headers["x-team"], headers["api-key"]) == ("blue", "k-1")
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"headers": {"Host": "a"}}, "headers.host: no such header"),
        ({"headers": {"a b": "a"}}, "headers.a b: no such header"),
        ({"headers": {"a": "ü"}}, "headers.a: ASCII"),
        ({"headers": {"a": "b\nc"}}, "headers.a: a text"),
        ({"auth": "basic"}, "auth: one of bearer, api-key, x-api-key"),
        ({"query": {"a": 7}}, "query.a: a text"),
        ({"audio": 1}, "audio: true or false"),
    ],
)
def test_a_setting_of_an_upstream_that_is_malformed_is_named(change, message):
    raw = config_of("http://a.example", "http://b.example")
    raw["upstreams"][0] |= change
    with pytest.raises(ConfigError, match=re.escape("upstreams[0].") + message):
        read_config(raw, lambda _: None)


@pytest.mark.parametrize(
    ("name", "value"), [("event_bytes", 1), ("keep_alive_s", 0), ("connections", 0)]
)
def test_a_limit_out_of_range_is_named(name, value):
    raw = config_of("http://a.example", "http://b.example", limits={name: value})
    with pytest.raises(ConfigError, match=f"limits.{name}"):
        read_config(raw, lambda _: None)


def ask(url, key):
    headers = {"authorization": f"Bearer {key}"}
    return httpx.get(
        f"{url}/v1/models", headers=headers, trust_env=False, timeout=PATIENCE_S
    ).status_code


def reload(url):
    headers = {"authorization": f"Bearer {ADMIN}"}
    return httpx.post(f"{url}/admin/reload", headers=headers, trust_env=False, timeout=PATIENCE_S)


def test_config_and_keys_are_read_anew_and_the_old_ones_kept_on_a_fault(light, powerful, tmp_path):
    raw = config_of(light.url, powerful.url)
    file = tmp_path / "gateway.json"
    with cpython(raw, tmp_path) as url:
        assert (ask(url, KEY), ask(url, OTHER)) == (200, 401)
        raw["keys"] = [{"name": "other", "sha256": hash_of(OTHER)}]
        raw["aliases"] = {"gpt-4o": "auto"}
        file.write_text(json.dumps(raw))
        assert reload(url).status_code == 200
        assert (ask(url, KEY), ask(url, OTHER)) == (401, 200)
        for fault in ('{"keys": 7}', "{", json.dumps(raw | {"storage": {"path": "other.db"}})):
            file.write_text(fault)
            answer = reload(url)
            assert answer.status_code == 422 and "stays" in answer.json()["error"]["message"]
            assert (ask(url, KEY), ask(url, OTHER)) == (401, 200)


def test_a_quality_that_the_bundle_cannot_estimate_is_refused_and_nothing_changes(
    light, powerful, tmp_path
):
    bundle = tmp_path / "three.safetensors"
    bundle.write_bytes(random_bundle(1, m=3))
    raw = config_of(light.url, powerful.url, policy={"bundle": str(bundle)})
    between = read_bundle(bundle.read_bytes()).config.models[1]
    raw["upstreams"].append({**raw["upstreams"][0], "name": "middle", "serves": between})
    with cpython(raw, tmp_path) as url:
        (tmp_path / "gateway.json").write_text(
            json.dumps(raw | {"policy": {"bundle": str(bundle), "quality": 0.95}})
        )
        answer = reload(url)
        assert answer.status_code == 422 and "stays" in answer.json()["error"]["message"]
        assert ask(url, KEY) == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_a_hangup_reads_them_anew_too(light, powerful, tmp_path, workers):
    raw = config_of(light.url, powerful.url, storage={"path": str(tmp_path / "h.db")})
    with serve(raw, tmp_path, "--workers", str(workers)) as served:
        wait_for(lambda: workers == 1 or len(served.list_children()) == workers)
        raw["keys"] = [{"name": "other", "sha256": hash_of(OTHER)}]
        for text, words in (
            (json.dumps(raw), "config and bundle reloaded"),
            ("{", "not reloaded: The previous config stays in use"),
        ):
            (tmp_path / "gateway.json").write_text(text)
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda words=words: served.output.count(words) == workers)
            assert [ask(served.url, OTHER) for _ in range(8)] == [200] * 8
        assert served.process.poll() is None


@contextmanager
def started(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def wait_for(holds):
    """Until it does."""
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < ends_at
        time.sleep(0.05)


def test_the_command_says_where_whom_and_how_it_serves(light, powerful, tmp_path):
    file = tmp_path / "gateway.json"
    file.write_text(json.dumps(config_of(light.url, powerful.url)))
    command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "serve"]
    port = str(find_free_port())
    options = ["--config", str(file), "--port", port, "--host", "::1"]
    with started([*command, *options]) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().rstrip() for _ in range(7)]
        assert lines[0] == f"tiny-dancer serves http://[::1]:{port}/v1"
        assert lines[1] == f"  light: small (small-1 at {light.url})"
        assert lines[4] == "  auto: the stored policy, else the bundle's, sticky"
        assert lines[5] == "  keys: user"
        url = f"http://[::1]:{port}"
        wait_for(lambda: ask(url, KEY) == 200)
        assert "GET /v1/models 200" in process.stdout.readline()
