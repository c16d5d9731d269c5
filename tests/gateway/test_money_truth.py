"""What money is said: of answers nobody finished, of users who report, of a shadow without any."""

import json
import time

import httpx
from gateway.asking import EASY, chat, told
from gateway.running import ADMIN, KEY, config_of
from patience import PATIENCE_S

from tiny_dancer.gateway.config.reader import read_config
from tiny_dancer.gateway.server.greeting import find_idle_shadow


def test_a_stream_that_its_client_left_is_an_answer_of_unknown_cost(running, client, light):
    light.behaviour = "stall"
    gateway = running()
    headers = {"authorization": f"Bearer {KEY}"}
    body = chat(EASY, stream=True)
    url = f"{gateway.url}/v1/chat/completions"
    for _ in range(3):
        with httpx.stream(
            "POST", url, json=body, headers=headers, trust_env=False, timeout=PATIENCE_S
        ) as answer:
            next(answer.iter_bytes())
    admin, name = client(gateway, ADMIN), "tiny_dancer_gateway_unpriced_answers_total"
    ends = time.monotonic() + PATIENCE_S
    while f"{name} 3\n" not in admin.get("/metrics").text:
        assert time.monotonic() < ends
    gateway.wait(gateway.router.flush())
    assert gateway.stats()["outcomes"] == 3
    assert "Answers whose cost is not known: 3." in admin.get("/v1/report").json()["unknown"]


def test_a_user_does_not_replace_the_cost_that_was_measured(running, client):
    gateway = running()
    user = client(gateway)
    decision = told(user.post("/v1/chat/completions", json=chat(EASY)))["decision-id"]
    gateway.wait(gateway.router.flush())
    before = gateway.stats()
    assert before["cost"] > 0
    report = {"decision_id": decision, "cost": 1e9, "cost_powerful": 0.0, "light_score": 1.0}
    assert user.post("/v1/outcomes", json=report).json()["stored"] is True
    after = gateway.stats()
    assert (after["cost"], after["money_saved"]) == (before["cost"], before["money_saved"])
    said = client(gateway, ADMIN).get("/v1/report").json()["money"]
    assert said["cost"] == before["cost"] == gateway.router.metrics().cost
    unasked = user.post("/v1/route", json={"prompt": "hello there"}).json()["decision_id"]
    report = {"decision_id": unasked, "cost": 0.25}
    assert user.post("/v1/outcomes", json=report).status_code == 200
    assert gateway.stats()["cost"] == before["cost"] + 0.25  # nobody else knows it


def test_a_shadow_without_money_is_warned_of_and_over_budget(running, client):
    raw = config_of("http://a.example", "http://b.example")
    for money, is_told in ((0.0, True), (1.0, False)):
        config = read_config(raw | {"shadow": {"share": 1.0, "money_a_day": money}}, {}.get)
        assert (find_idle_shadow(config) is not None) == is_told
    gateway = running(shadow={"share": 1.0, "money_a_day": 0.0})
    http = client(gateway)
    http.post("/v1/chat/completions", json=chat(EASY))
    admin, ends = client(gateway, ADMIN), time.monotonic() + PATIENCE_S
    while "over budget" not in (said := admin.get("/v1/report").json())["verdict"]:
        assert time.monotonic() < ends, json.dumps(said)
    assert any("over budget" in one for one in said["unknown"])


def test_decision_models_keep_the_mode_of_the_caller(running, client):
    body = {"model": "auto", "input": EASY, "questions": [{"type": "choice", "name": "tier"}]}
    body["questions"][0]["choices"] = [{"value": "cheap"}, {"value": "dear"}]
    for mode, reason, choice in (
        ("on", "below_threshold", "cheap"),
        ("observe", "observe", "dear"),
        ("off", "forced", "dear"),
    ):
        gateway = running(policy={"mode": mode})
        answer = client(gateway).post("/v1/decisions", json=body)
        assert answer.status_code == 200, answer.text
        assert told(answer)["reason"] == reason
        assert answer.json()["answers"][0]["choice"] == choice, answer.text
        assert gateway.router.metrics().light == (mode == "on")
        record = gateway.decisions()[0]
        assert (record.would == "light") == (mode == "observe")
