"""`policy.mode`: observing changes no answer; what the router would have done is said and kept."""

import json
from hashlib import sha256

import httpx
import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import KEY, Running
from patience import PATIENCE_S

from tiny_dancer.gateway import ConfigError


def ask(gateway: Running, body: dict, key: str = KEY) -> httpx.Response:
    headers = {"authorization": f"Bearer {key}"}
    url = f"{gateway.url}/v1/chat/completions"
    return httpx.post(url, json=body, headers=headers, timeout=PATIENCE_S, trust_env=False)


def test_an_observed_request_is_answered_as_without_a_router(running, light, powerful):
    gateway = running(policy={"mode": "observe"})
    easy, hard = told(ask(gateway, chat(EASY))), told(ask(gateway, chat(HARD)))
    assert (len(light.calls), len(powerful.calls)) == (0, 2)
    assert [(t["decision"], t["reason"], t["served-by"]) for t in (easy, hard)] == [
        ("powerful", "observe", "big")
    ] * 2
    assert (easy["would"], hard["would"]) == ("light", "powerful")


def test_a_streamed_answer_says_what_would_have_been(running, light, powerful):
    answer = ask(running(policy={"mode": "observe"}), chat(EASY, stream=True))
    assert told(answer)["would"] == "light" and b"[DONE]" in answer.content
    assert (len(light.calls), len(powerful.calls)) == (0, 1)


def test_what_would_have_been_is_kept(running):
    gateway = running(policy={"mode": "observe"})
    ask(gateway, chat(EASY)), ask(gateway, chat(HARD))
    hard, easy = gateway.decisions()
    assert (easy.model, easy.reason, easy.use_lightweight) == ("powerful", "observe", False)
    assert (easy.would, easy.would_reason) == ("light", "below_threshold")
    assert (hard.would, hard.would_reason) == ("powerful", "above_threshold")
    assert easy.score <= easy.threshold < hard.score


def test_a_model_asked_for_by_name_is_not_observed(running, light):
    gateway = running(policy={"mode": "observe"})
    said = told(ask(gateway, chat(HARD, model="light")))
    assert (said["reason"], said["served-by"]) == ("forced", "small") and "would" not in said
    assert gateway.decisions()[0].would is None and len(light.calls) == 1


def test_off_is_the_powerful_model(running, light, powerful):
    gateway = running(policy={"mode": "off"})
    said = told(ask(gateway, chat(EASY)))
    assert (said["decision"], said["reason"]) == ("powerful", "forced") and "would" not in said
    assert (len(light.calls), len(powerful.calls)) == (0, 1)


def test_a_key_may_have_a_mode_of_its_own(running):
    def key(name, **more):
        return {"name": name, "sha256": sha256(name.encode()).hexdigest(), **more}

    gateway = running(keys=[key("ann"), key("bob", mode="observe")])
    assert told(ask(gateway, chat(EASY), "ann"))["decision"] == "light"
    said = told(ask(gateway, chat(EASY), "bob"))
    assert (said["decision"], said["would"]) == ("powerful", "light")


def test_an_observed_request_that_light_alone_can_serve_goes_there(running, light, powerful):
    gateway = running(policy={"mode": "observe"})
    raw = json.loads(json.dumps(chat(EASY)))
    raw["messages"][0]["content"] = [
        {"type": "text", "text": EASY},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
    ]
    said = told(ask(gateway, raw))  # the powerful one alone reads images
    assert (said["served-by"], said["reason"], said["would"]) == ("big", "observe", "powerful")


def test_an_error_says_what_would_have_been(running, powerful, light):
    gateway = running(policy={"mode": "observe"}, limits={"retries": 0, "backoff_s": 0.01})
    light.behaviour = powerful.behaviour = "500"
    answer = ask(gateway, chat(EASY))
    assert answer.status_code == 502 and told(answer)["would"] == "light"


def test_a_mode_that_is_none_is_refused(running):
    with pytest.raises(ConfigError, match=r"policy.mode: one of on, observe, off is needed"):
        running(policy={"mode": "shadow"})
