"""/v1/route, /v1/outcomes, /v1/candidates, /v1/stats, /admin/reload."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from gateway.asking import EASY, HARD, chat, told
from gateway.running import ADMIN, Running, config_of
from random_bundle import random_bundle

from tiny_dancer import Policy
from tiny_dancer.gateway.endpoints import outcomes
from tiny_dancer.model import read_bundle

PROMPTS = Path(__file__).parents[1] / "corpus/prompts.jsonl"
VARYING = ("decision_id", "inference_time_us")


def steady(row):
    return {name: value for name, value in row.items() if name not in VARYING}


def test_a_route_is_what_the_command_prints(running, client):
    answer = client(running()).post("/v1/route", json={"prompt": HARD}).json()
    command = [
        sys.executable,
        "-c",
        "from tiny_dancer.cli import main; main()",
        "route",
        HARD,
        "--json",
    ]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert steady(answer) == steady(json.loads(printed))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"promt": EASY}, "no such field"),
        ({"prompt": EASY, "top_k": 0}, "top_k"),
        ({"prompt": EASY, "metadata": 7}, "metadata"),
        ({"prompt": EASY, "candidates": {}}, "candidates: a list"),
        ({"prompt": EASY, "candidates": [{"id": "a"}]}, r"candidates\[0\]"),
        ({"prompt": EASY, "model": "small"}, "model"),
    ],
)
def test_a_route_that_is_malformed_is_refused(running, client, body, message):
    answer = client(running()).post("/v1/route", json=body)
    assert answer.status_code == 400
    assert re.search(message, answer.json()["error"]["message"])


def test_an_outcome_is_stored_before_the_answer(running, client):
    gateway = running()
    http = client(gateway)
    decision = http.post("/v1/route", json={"prompt": EASY}).json()["decision_id"]
    body = {"decision_id": decision, "light_score": 1.0, "powerful_score": 0.5, "cost": 0.25}
    assert http.post("/v1/outcomes", json=body).json() == {"decision_id": decision, "stored": True}
    assert "scored" not in gateway.stats()["models"][0]
    stats = gateway.stats(ADMIN)
    assert stats["outcomes"] == 1 and stats["cost"] == 0.25
    scored = {row["model"]: (row["scored"], row["successes"]) for row in stats["models"]}
    assert scored == {"light": (1, 1), "powerful": (1, 1)}


def test_an_outcome_of_nobodys_decision_is_404(running, client):
    answer = client(running()).post("/v1/outcomes", json={"decision_id": "no-1", "light_score": 1})
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "decision_not_found"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"decision_id": 7},
        {"decision_id": "a", "light_score": 2},
        {"decision_id": "a", "scores": [1]},
        {"decision_id": "a", "colour": 1},
        {"decision_id": "a", "at": 1},
    ],
)
def test_an_outcome_that_is_malformed_is_refused(running, client, body):
    assert client(running()).post("/v1/outcomes", json=body).status_code == 400


@pytest.fixture
def bundle(tmp_path):
    file = tmp_path / "bundle.safetensors"
    file.write_bytes(random_bundle(1, candidates=32))
    return file


def candidate(name, **more):
    return {"id": name, "text": f"about {name}", "created_at": 1.0, "success_rate": 0.5, **more}


def test_candidates_are_kept_ranked_and_let_go(running, client, bundle):
    http = client(running(policy={"bundle": str(bundle)}))
    rows = [candidate("a"), candidate("b", metadata={"k": "v"})]
    assert http.post("/v1/candidates", json={"candidates": rows}).json() == {"ids": ["a", "b"]}
    assert http.put("/v1/candidates", json=candidate("c")).json() == {"ids": ["c"]}
    listed = http.get("/v1/candidates").json()["data"]
    assert [row["id"] for row in listed] == ["a", "b", "c"]
    assert http.get("/v1/candidates/b").json() == listed[1]
    ranked = http.post("/v1/route", json={"prompt": "about b"}).json()
    assert {one["candidate_id"] for one in ranked["decisions"]} == {"a", "b", "c"}
    assert http.delete("/v1/candidates/b").json() == {"id": "b", "deleted": True}
    assert http.delete("/v1/candidates/b").status_code == 404
    ranked = http.post("/v1/route", json={"prompt": "about b", "top_k": 1}).json()
    assert ranked["candidates_processed"] == 2 and len(ranked["decisions"]) == 1


def test_an_embedding_is_routed_among_candidates(running, client, bundle):
    http = client(running(policy={"bundle": str(bundle)}))
    rows = [candidate(n, embedding=e) for n, e in (("x", [1, 0]), ("y", [0, 1]))]
    for row in rows:
        del row["text"]
    answer = http.post("/v1/route", json={"query_embedding": [0.1, 0.9], "candidates": rows}).json()
    assert answer["candidates_processed"] == 2
    short = http.post("/v1/route", json={"query_embedding": [1], "candidates": rows})
    assert short.status_code == 400 and "2" in short.json()["error"]["message"]


@pytest.mark.parametrize(
    "body", [{"candidates": []}, {"candidates": 7}, {"id": "a"}, {"candidates": [1]}]
)
def test_candidates_that_are_malformed_are_refused_and_change_nothing(
    running, client, bundle, body
):
    http = client(running(policy={"bundle": str(bundle)}))
    assert http.post("/v1/candidates", json=body).status_code == 400
    assert http.get("/v1/candidates").json()["data"] == []


def test_a_bundle_without_candidates_says_so(running, client, tmp_path):
    file = tmp_path / "plain.safetensors"
    file.write_bytes(random_bundle(1))
    answer = client(running(policy={"bundle": str(file)})).post(
        "/v1/candidates", json=candidate("a")
    )
    assert answer.status_code == 400 and "scores none" in answer.json()["error"]["message"]


def test_a_reload_takes_the_new_bundle_or_keeps_the_old(running, client, bundle):
    gateway = running(policy={"bundle": str(bundle)})
    http, admin = client(gateway), client(gateway, ADMIN)
    before = gateway.stats()["bundle_hash"]
    bundle.write_bytes(random_bundle(2, candidates=32))
    hashes = admin.post("/admin/reload", json={}).json()
    assert hashes["before"] == before != hashes["after"]
    bundle.write_bytes(b"no bundle")
    answer = admin.post("/admin/reload")
    assert answer.status_code == 422 and "stays" in answer.json()["error"]["message"]
    assert gateway.stats()["bundle_hash"] == hashes["after"]
    assert http.post("/v1/route", json={"prompt": EASY}).json()["bundle_hash"] == hashes["after"]


def test_a_reload_reads_the_stored_policy(running, client, bundle):
    gateway = running(policy={"bundle": str(bundle)})
    http = client(gateway)
    before = http.post("/v1/route", json={"prompt": EASY}).json()
    store = gateway.gateway.store
    policy = Policy(threshold=-2.0, bundle_hash=before["bundle_hash"])
    gateway.wait(store.swap_state("policy", before["bundle_hash"], policy.to_json(), 0))
    assert client(gateway, ADMIN).post("/admin/reload", json={}).status_code == 200
    after = http.post("/v1/route", json={"prompt": EASY}).json()
    assert (after["policy_id"], after["threshold"]) == (policy.id, -2.0)
    assert after["policy_id"] != before["policy_id"]


def test_a_reload_of_a_bundle_with_other_models_is_refused(running, client, bundle):
    gateway = running(policy={"bundle": str(bundle)})
    bundle.write_bytes(random_bundle(2, m=3))
    answer = client(gateway, ADMIN).post("/admin/reload", json={})
    assert answer.status_code == 422 and "none serves" in answer.json()["error"]["message"]


def test_processes_of_one_store_follow_each_other(
    light, powerful, client, bundle, tmp_path, monkeypatch
):
    monkeypatch.setattr(outcomes, "PATIENCE_S", (0.0, *[0.1] * 1_000))  # a disk may be slow
    raw = config_of(light.url, powerful.url)
    raw |= {"policy": {"bundle": str(bundle)}, "storage": {"path": str(tmp_path / "h.db")}}
    first, second = Running(raw), Running(raw)
    try:
        one, other = client(first), client(second)
        one.post("/v1/candidates", json=candidate("a"))
        bundle.write_bytes(random_bundle(2, candidates=32))
        reloaded = client(first, ADMIN).post("/admin/reload", json={}).json()
        second.gateway.versions._looked_at = None  # as if 5 s had passed
        second.wait(second.gateway.after_answer())
        answer = other.post("/v1/route", json={"prompt": EASY}).json()
        assert answer["bundle_hash"] == reloaded["after"]
        assert [row["candidate_id"] for row in answer["decisions"]] == ["a"]
        decision = one.post("/v1/route", json={"prompt": EASY}).json()["decision_id"]
        outcome = {"decision_id": decision, "light_score": 1.0}
        assert other.post("/v1/outcomes", json=outcome).status_code == 200
        assert second.stats()["total_routes"] == first.stats()["total_routes"] == 2
    finally:
        first.close()
        second.close()


def test_a_reload_that_fails_holds_up_no_candidates_and_is_tried_again(
    light, powerful, client, bundle, tmp_path
):
    raw = config_of(light.url, powerful.url)
    raw |= {"policy": {"bundle": str(bundle)}, "storage": {"path": str(tmp_path / "h.db")}}
    first, second = Running(raw), Running(raw)
    try:
        one, other = client(first), client(second)
        lines = []
        second.gateway.log = lines.append

        def look():
            second.gateway.versions._looked_at = None  # as if 5 s had passed
            second.wait(second.gateway.after_answer())

        one.post("/v1/candidates", json=candidate("a"))
        reloaded = client(first, ADMIN).post("/admin/reload", json={}).json()
        whole = bundle.read_bytes()
        bundle.write_bytes(random_bundle(2, m=3))  # as the second process finds it
        look()
        (line,) = [line for line in lines if "after_answer" in line]
        assert "ApiError at " in line and "The previous bundle stays loaded" in line
        assert "none serves" in line
        answer = other.post("/v1/route", json={"prompt": EASY}).json()
        assert [row["candidate_id"] for row in answer["decisions"]] == ["a"]
        bundle.write_bytes(whole)
        look()
        assert second.wait(second.gateway.versions.find_changes(second.gateway.store)) == {}
        answer = other.post("/v1/route", json={"prompt": EASY}).json()
        assert answer["bundle_hash"] == reloaded["after"]
    finally:
        first.close()
        second.close()


def test_a_bundle_of_three_models_goes_to_three_upstreams(light, powerful, client, tmp_path):
    file = tmp_path / "three.safetensors"
    file.write_bytes(random_bundle(0, m=3))
    raw = config_of(light.url, powerful.url, policy={"bundle": str(file), "sticky": False})
    names = read_bundle(file).config.models
    small, _, vectors = raw["upstreams"]
    rows = [{**small, "name": f"up-{n}", "serves": n, "model": n} for n in names]
    raw["upstreams"] = [*rows, vectors]
    gateway = Running(raw)
    try:
        http = client(gateway)
        prompts = [json.loads(line)["prompt"] for line in PROMPTS.read_text().splitlines()[:60]]
        seen = set()
        for prompt in prompts:
            said = told(http.post("/v1/chat/completions", json=chat(prompt)))
            assert said["served-by"] == f"up-{said['decision']}"
            seen.add(said["decision"])
        assert seen == set(names)
        answer = http.post("/v1/chat/completions", json=chat(EASY, model="auto:quality=0.9"))
        assert answer.status_code == 400 and "two models" in answer.json()["error"]["message"]
    finally:
        gateway.close()
