"""Reports are believed only of decisions of the same key, and only about models that there are."""

from hashlib import sha256

import httpx
import pytest
from gateway.asking import chat, told
from gateway.running import ADMIN, KEY

OTHER = "other-key"
KEYS = [
    {"name": n, "sha256": sha256(k.encode()).hexdigest()} for n, k in (("ann", KEY), ("bob", OTHER))
]


def decide(http: httpx.Client, way: str) -> str:
    """The id of a decision that was made this way."""
    if way == "route":
        return http.post("/v1/route", json={"prompt": "hello there"}).json()["decision_id"]
    model = "big" if way == "named" else "auto"
    return told(http.post("/v1/chat/completions", json=chat("hello there", model=model)))[
        "decision-id"
    ]


@pytest.mark.parametrize("way", ["auto", "named", "route"])
def test_only_the_key_that_asked_may_report(running, client, way):
    gateway = running(keys=KEYS)
    ann, bob = client(gateway), client(gateway, OTHER)
    decision_id = decide(ann, way)
    report = {"decision_id": decision_id, "light_score": 0.0}
    refused = bob.post("/v1/outcomes", json=report)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "decision_not_found")
    assert bob.post("/v1/outcomes", json={**report, "owner": "ann"}).status_code == 400
    assert ann.post("/v1/outcomes", json=report).json()["stored"] is True


def test_names_that_are_none_are_refused_and_grow_nothing(running, client):
    gateway = running()
    http = client(gateway)
    decision_id = decide(http, "auto")
    for name in ("made up", "x" * 200):
        answer = http.post("/v1/outcomes", json={"decision_id": decision_id, "scores": {name: 1.0}})
        assert answer.status_code == 400 and "is no model" in answer.json()["error"]["message"]
    good = {"decision_id": decision_id, "scores": {"light": 1.0, "big": 0.5}}
    assert http.post("/v1/outcomes", json=good).status_code == 200
    assert {m["model"] for m in gateway.stats(ADMIN)["models"]} == {"light", "big"} | {
        gateway.decisions()[0].model
    }


def test_one_key_cannot_stop_the_history(running, client):
    """Once some 1,024 reports of the largest number stopped it for good."""
    gateway = running()
    http = client(gateway)
    decision_id = decide(http, "auto")
    huge = {"decision_id": decision_id, "tokens_in": (1 << 53) - 1}
    assert http.post("/v1/outcomes", json=huge).status_code == 400
    assert http.post("/v1/outcomes", json={**huge, "tokens_in": 10**9}).status_code == 200
    assert http.get("/readyz").json()["ready"] is True
