"""A dry run asks nobody and keeps nothing; what it knows of sessions, breakers and prices."""

import json
import subprocess
import sys

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import ADMIN
from gateway.test_dry_run import HEADERS, SEEN
from patience import PATIENCE_S


def test_nobody_is_asked_and_nothing_is_kept(running, light, powerful):
    gateway = running()
    with httpx.Client(
        base_url=gateway.url, headers=HEADERS, trust_env=False, timeout=PATIENCE_S
    ) as http:
        for body in (chat(EASY), chat(HARD), {"model": "auto", **SEEN}, {"input": EASY}):
            assert http.post("/v1/route", json=body).status_code == 200
    assert not light.calls and not powerful.calls
    assert gateway.decisions() == [] and gateway.stats()["total_routes"] == 0


def test_a_session_is_looked_up_and_not_moved(running):
    gateway = running()
    headers = {"x-conversation-id": "a"}
    with httpx.Client(
        base_url=gateway.url, headers=HEADERS, trust_env=False, timeout=PATIENCE_S
    ) as http:

        def model(path, text):
            answer = http.post(path, json=chat(text), headers=headers)
            return answer.json()["model"] if path == "/v1/route" else told(answer)["decision"]

        assert model("/v1/route", HARD) == "powerful"
        assert model("/v1/route", EASY) == "light"
        assert model("/v1/chat/completions", HARD) == "powerful"
        assert model("/v1/route", EASY) == "powerful"


def test_the_cost_of_both_is_that_of_the_prompt_and_of_the_longest_answer(running):
    url = f"{running().url}/v1/route"

    def ask(**more):
        return httpx.post(
            url, json=chat(EASY, **more), headers=HEADERS, trust_env=False, timeout=PATIENCE_S
        ).json()

    found = ask(max_tokens=1000)
    tokens = len(EASY) // 3
    assert found["tokens"] == {"in": tokens, "out": 1000}
    assert found["cost"]["light"] == pytest.approx((tokens * 1 + 1000 * 2) / 1e6)
    assert found["cost"]["powerful"] == pytest.approx((tokens * 10 + 1000 * 20) / 1e6)
    assert ask()["cost"]["light"] == pytest.approx(tokens / 1e6)


def test_open_breakers_are_told_and_none_is_an_error(running):
    gateway = running()
    url, key = gateway.url, {"authorization": f"Bearer {ADMIN}"}
    for name, model, reason in (
        ("small", "powerful", "breaker_light_open"),
        ("big", "light", "both_breakers_open"),
    ):
        body = {"model": name, "mode": "open"}
        assert httpx.post(
            f"{url}/admin/breaker", json=body, headers=key, trust_env=False, timeout=PATIENCE_S
        ).is_success
        answer = httpx.post(
            f"{url}/v1/route", json=chat(EASY), headers=HEADERS, trust_env=False, timeout=PATIENCE_S
        )
        assert (answer.json()["model"], answer.json()["reason"]) == (model, reason)


def test_what_is_only_observed_says_what_it_would_choose(running):
    url = f"{running(policy={'mode': 'observe'}).url}/v1/route"
    found = httpx.post(
        url, json=chat(EASY), headers=HEADERS, trust_env=False, timeout=PATIENCE_S
    ).json()
    assert (found["model"], found["reason"], found["would"]) == ("powerful", "observe", "light")


def test_the_command_says_what_the_gateway_says(running, tmp_path):
    gateway = running()
    raw = {
        "anonymous": True,
        "upstreams": [
            {"name": "small", "serves": "light", "model": "s", "base_url": "http://a.example"}
            | {"price_in": 1, "price_out": 2, "key_env": "A_KEY_THAT_IS_NOT_SET"},
            {"name": "big", "serves": "powerful", "model": "b", "base_url": "http://b.example"}
            | {"price_in": 10, "price_out": 20, "vision": True},
        ],
    }
    (tmp_path / "gateway.json").write_text(json.dumps(raw))
    command = [sys.executable, "-c", "from tiny_dancer.cli import main; main()", "route"]

    def run(*arguments, code=0):
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    for body in (chat(EASY, max_tokens=9), {"model": "auto", **SEEN}, {"input": HARD}):
        (tmp_path / "request.json").write_text(json.dumps(body))
        printed = run("--request", "request.json", "--config", "gateway.json", "--json")
        answer = httpx.post(
            f"{gateway.url}/v1/route",
            json=body,
            headers=HEADERS,
            trust_env=False,
            timeout=PATIENCE_S,
        ).json()
        assert json.loads(printed) == answer
    (tmp_path / "request.json").write_text(json.dumps(chat(EASY, model="gpt-4o")))
    alone = json.loads(run("--request", "request.json", "--json"))
    assert (alone["model"], alone["upstream"], alone["cost"]["light"]) == ("light", None, None)
    assert "below threshold" in run("--request", "request.json")
    assert "no such model" in run("--request", "request.json", "--config", "gateway.json", code=1)
    (tmp_path / "request.json").write_text("[")
    assert "request.json: not JSON" in run("--request", "request.json", code=1)
    assert "exactly one of a prompt and --request" in run(code=2)
