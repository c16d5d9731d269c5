"""Readiness and `stored` say what the store does, not what it once did."""

import pytest
from gateway.asking import chat, told


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.db"


def test_a_file_deleted_in_use_is_not_ready_and_stores_nothing(running, client, path):
    http = client(running(storage={"path": str(path)}))
    decision = told(http.post("/v1/chat/completions", json=chat()))["decision-id"]
    report = {"decision_id": decision, "light_score": 1.0}
    assert http.post("/v1/outcomes", json=report).json()["stored"] is True
    assert http.get("/readyz").json() == {"ready": True, "bundle": True, "store": True}
    path.unlink()
    answer = http.post("/v1/outcomes", json=report)
    assert answer.status_code == 503 and "stored" not in answer.json()
    ready = http.get("/readyz")
    assert (ready.status_code, ready.json()["store"]) == (503, False)
    assert http.post("/v1/chat/completions", json=chat()).status_code == 200


def test_a_full_disk_is_not_ready_until_there_is_room(running, client, path):
    gateway = running(storage={"path": str(path)})
    http = client(gateway)
    database = gateway.gateway.store.database
    decision = told(http.post("/v1/chat/completions", json=chat()))["decision-id"]
    gateway.wait(gateway.router.flush())
    ((pages,),) = database.read("pragma page_count", ())
    database.read(f"pragma max_page_count = {pages}", ())
    for _ in range(100):
        http.post("/v1/route", json={"prompt": "hello there"})
        if not http.get("/readyz").json()["store"]:
            break
    assert http.get("/readyz").status_code == 503
    assert gateway.router.metrics().queued > 0
    database.read("pragma max_page_count = 100000", ())
    gateway.wait(gateway.router.flush())
    assert http.get("/readyz").json()["ready"] is True
    report = {"decision_id": decision, "light_score": 1.0}
    assert http.post("/v1/outcomes", json=report).json()["stored"] is True


def test_a_stored_policy_that_cannot_be_read_is_said(running, client):
    gateway = running()
    http = client(gateway)
    name = gateway.router.bundle.bundle_hash
    gateway.wait(gateway.gateway.store.swap_state("policy", name, '{"version": 7}', 0))
    gateway.wait(gateway.router.refresh())
    answer = http.get("/readyz")
    assert answer.status_code == 200 and answer.json()["policy"] == "unreadable"
    assert "tiny_dancer_unreadable_policies 1" in http.get("/metrics").text
    assert told(http.post("/v1/chat/completions", json=chat()))["reason"] == "policy_stale"
    report = http.get("/v1/report")
    assert report.status_code == 503 and report.json()["error"]["type"] == "server_error"
    state = gateway.wait(gateway.gateway.store.load_states("policy"))[name]
    good = gateway.router.bundle.policy.to_json()
    gateway.wait(gateway.gateway.store.swap_state("policy", name, good, state.version))
    gateway.wait(gateway.router.refresh())
    assert "policy" not in http.get("/readyz").json()
    assert told(http.post("/v1/chat/completions", json=chat()))["reason"] == "below_threshold"
    assert http.get("/v1/report").status_code == 200
