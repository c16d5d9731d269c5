"""Observe, shadow, report, calibrate, switch on: inside workerd, with D1."""

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import gateway.judge  # noqa: F401  the behaviour `judge`
from edge.workerd import Local
from gateway.asking import chat
from gateway.running import ADMIN, KEY, config_of
from gateway.upstream import Upstream

PROMPTS = [f"What is the capital of country number {n}?" for n in range(90)]
USER = {"authorization": f"Bearer {KEY}"}
BOSS = {"authorization": f"Bearer {ADMIN}"}


def config(light: Upstream, powerful: Upstream, judge: Upstream, mode: str) -> dict[str, Any]:
    raw = config_of(light.url, powerful.url, policy={"mode": mode})
    marks = {"name": "judge", "base_url": judge.url, "model": "judge-1"}
    raw["upstreams"].append({**marks, "price_in": 1.0, "price_out": 1.0})
    raw["shadow"] = {"share": 1.0, "judge": "judge", "money_a_day": 5.0}
    raw["admin_keys"] = [{"name": "admin", "sha256": sha256(ADMIN.encode()).hexdigest()}]
    return raw


def ask(worker: Local, prompt: str) -> dict[str, str]:
    answer = worker.ask("/v1/chat/completions", chat(prompt), headers=USER)
    assert answer.status == 200, answer.text
    prefix = "x-tiny-dancer-"
    return {n.removeprefix(prefix): v for n, v in answer.headers.items() if n.startswith(prefix)}


def report(worker: Local, pairs: int) -> Any:
    """The report, once there are so many pairs."""
    ends_at = time.monotonic() + 300
    while True:
        answer = worker.ask("/v1/report", headers=USER)
        assert answer.status == 200, answer.text
        graded = sum(n for by, n in answer.json["pairs"]["graded_by"].items() if by != "ungraded")
        if graded >= pairs or time.monotonic() > ends_at:
            return answer.json
        time.sleep(0.2)


def test_the_way_from_observing_to_a_certified_policy(program: str, folder: Path, tmp_path: Path):
    light, powerful, judge = (Upstream(name) for name in ("small-1", "big-1", "judge-1"))
    judge.behaviour = "judge"
    try:
        observing = config(light, powerful, judge, "observe")
        with Local(program, tmp_path / "d1", folder, config=observing) as worker:
            worker.ask("/v1/chat/completions", chat(model="big"), headers=USER)  # makes the tables
            for n, prompt in enumerate(PROMPTS):
                light.behaviour = powerful.behaviour = "ok" if n else "signed"
                said = ask(worker, prompt)
                assert (said["reason"], said["served-by"]) == ("observe", "big")
                assert said["would"] in ("light", "powerful")
                if not n:  # the first pair is open answers, which the judge marks
                    report(worker, 1)
            ask(worker, PROMPTS[0])  # asked again: no second pair
            found = report(worker, len(PROMPTS))
            assert found["traffic"]["observed"] == len(PROMPTS) + 1
            assert found["pairs"]["graded_by"] == {"equal": len(PROMPTS) - 1, "judge:judge": 1}
            assert found["money"]["judge"] > 0 and found["money"]["shadow"] > 0
            stats = worker.ask("/v1/stats", headers=BOSS).json
            assert stats["shadow"]["pairs"] == len(PROMPTS)
            assert len(light.calls) == len(PROMPTS)
            made = worker.ask("/admin/calibrate", {"quality": 0.9}, headers=BOSS)
            assert made.status == 200, made.text
        on = config(light, powerful, judge, "on")
        with Local(program, tmp_path / "d1", folder, config=on) as worker:
            said = ask(worker, "What is the capital of Peru?")
            assert said["policy"] == made.json["id"] and said["served-by"] == "small"
            light.behaviour = "blank"  # it got worse, and the shadow sees it
            for n in range(200):
                said = ask(worker, f"What is the capital of region number {n}?")
                if n % 20 == 19 and drift(worker)["state"] == "alarm":
                    break
            said = ask(worker, "What is the capital of Chile?")
            assert (said["served-by"], said["reason"]) == ("big", "drift_alarm")
            found = report(worker, len(PROMPTS))
            assert found["drift"] == "alarm" and found["verdict"].startswith("Not safe now")
    finally:
        for upstream in (light, powerful, judge):
            upstream.close()


def drift(worker: Local, **body: Any) -> Any:
    """What the monitors say, of the isolate that answers."""
    answer = worker.ask("/admin/drift", body, headers=BOSS)
    assert answer.status == 200, answer.text
    return answer.json["drift"]


def test_an_alarm_lives_in_d1_until_somebody_acknowledges_it(
    program: str, folder: Path, tmp_path: Path
):
    light, powerful, judge = (Upstream(name) for name in ("small-1", "big-1", "judge-1"))
    on = config(light, powerful, judge, "on")
    on["shadow"] = {"share": 0.0}

    def grade(worker: Local, numbers: range, light_is_right: bool) -> None:
        """Decisions and marks of both models for prompts that nobody asked before."""
        for n in numbers:
            prompt = {"prompt": f"What is the capital of country number {n}?"}
            name = worker.ask("/v1/route", prompt, headers=USER).json["decision_id"]
            marks = {"light_score": float(light_is_right), "powerful_score": 1.0}
            report = {"decision_id": name, **marks}
            assert worker.ask("/v1/outcomes", report, headers=USER).status == 200

    try:
        with Local(program, tmp_path / "d1", folder, config=on) as worker:
            few = worker.ask("/admin/calibrate", {"quality": 0.98}, headers=BOSS)
            assert few.status == 409 and few.json["missing"]["fewest"] > 0
            grade(worker, range(90), light_is_right=True)
            wish = {"quality": 0.9, "by_people": True}
            made = worker.ask("/admin/calibrate", wish, headers=BOSS)
            assert made.status == 200, made.text
            assert drift(worker)["state"] == "steady"
            assert ask(worker, "What is the capital of Peru?")["served-by"] == "small"
            grade(worker, range(90, 150), light_is_right=False)
            assert drift(worker)["state"] == "alarm"
        with Local(program, tmp_path / "d1", folder, config=on) as worker:  # another isolate
            said = ask(worker, "What is the capital of Chile?")
            assert (said["served-by"], said["reason"]) == ("big", "drift_alarm")
            assert worker.ask("/readyz").json["drift"] == "alarm"
            assert drift(worker, acknowledge=True)["state"] == "steady"
            said = ask(worker, "What is the capital of Chile?")
            assert (said["served-by"], said["policy"]) == ("small", made.json["id"])
        with Local(program, tmp_path / "d1", folder, config=on) as worker:
            assert drift(worker)["state"] == "steady"
    finally:
        for upstream in (light, powerful, judge):
            upstream.close()
