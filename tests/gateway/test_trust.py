"""Over HTTP: from outcomes to a certified policy, to an alarm when it stops holding, and back."""

from base64 import b64decode

import httpx
import pytest
from gateway.asking import chat, told
from gateway.running import ADMIN

from tiny_dancer.model import read_bundle


class Deployment:
    """A gateway, a user who grades, and an admin."""

    def __init__(self, user: httpx.Client, admin: httpx.Client, flush, damage) -> None:
        self.user, self.admin, self.flush, self.n = user, admin, flush, 0
        self.damage = damage

    def grade(self, many: int, fails_every: int) -> None:
        """Decide for prompts that nobody asked before, and grade both models' answers."""
        numbers = range(self.n + 1, self.n + 1 + many)
        self.n += many
        bodies = [{"prompt": f"What is the capital of country {n}?"} for n in numbers]
        names = [self.user.post("/v1/route", json=one).json()["decision_id"] for one in bodies]
        self.flush()
        for n, name in zip(numbers, names, strict=True):
            light = float(n % fails_every != 0)
            report = {"decision_id": name, "light_score": light, "powerful_score": 1.0}
            assert self.user.post("/v1/outcomes", json=report).status_code == 200

    def calibrate(self, **body) -> httpx.Response:
        return self.admin.post("/admin/calibrate", json=body)

    def drift(self, **body) -> dict:
        return self.admin.post("/admin/drift", json=body).json()["drift"]


@pytest.fixture
def deployment(running, client):
    gateway = running(policy={})
    flush, store = gateway.router.flush, gateway.gateway.store

    def damage(kind: str) -> None:
        ((name, state),) = gateway.wait(store.load_states(kind)).items()
        assert gateway.wait(store.swap_state(kind, name, "{", state.version))
        gateway.router._history.views.expire()  # look at once, and not after ten seconds

    def write() -> None:
        gateway.wait(flush())

    return Deployment(client(gateway), client(gateway, ADMIN), write, damage)


def test_outcomes_certify_a_policy_until_the_light_model_gets_worse(deployment):
    deployment.grade(30, fails_every=50)
    refused = deployment.calibrate(quality=0.98)
    assert refused.status_code == 409 and refused.json()["missing"]["fewest"] > 0
    assert deployment.drift() is None
    deployment.grade(300, fails_every=50)
    dry = deployment.calibrate(quality=0.9, apply=False).json()
    assert dry["certified"] and deployment.drift() is None
    certified = deployment.calibrate(quality=0.9, delta=0.05, by_people=True).json()
    assert certified["policy"]["certificate"]["n"] == 330  # `grade` is people
    assert certified["policy"]["certificate"]["method"].endswith("; as marked by people")
    answer = deployment.user.post("/v1/chat/completions", json=chat())
    assert told(answer)["policy"] == certified["id"] and told(answer)["decision"] == "light"
    assert deployment.drift()["state"] == "steady"
    assert deployment.user.get("/readyz").json()["drift"] == "steady"
    for _ in range(20):
        deployment.grade(50, fails_every=2)
        if deployment.drift()["state"] == "alarm":
            break
    answer = deployment.user.post("/v1/chat/completions", json=chat())
    assert told(answer)["reason"] == "drift_alarm" and told(answer)["decision"] == "powerful"
    ready = deployment.user.get("/readyz")
    assert ready.status_code == 200 and ready.json()["drift"] == "alarm"
    deployment.damage("drift")
    assert deployment.drift()["is_unreadable"]
    assert deployment.user.get("/readyz").json()["drift_evidence"] == "unreadable"
    verdict = deployment.admin.get("/v1/report").json()["verdict"]
    assert verdict.startswith("Not safe now: the evidence of drift cannot be read")
    answer = deployment.user.post("/v1/chat/completions", json=chat())
    assert told(answer)["reason"] == "drift_alarm" and told(answer)["decision"] == "powerful"
    assert "\ntiny_dancer_drift_alarm 1\n" in deployment.admin.get("/metrics").text
    assert deployment.drift(acknowledge=True)["state"] == "steady"
    answer = deployment.user.post("/v1/chat/completions", json=chat())
    assert told(answer)["reason"] == "below_threshold"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"quality": 0.9, "joint": 0.1},
        {"quality": 2},
        {"quality": "0.9"},
        {"quality": 0.9, "delta": 5},
        {"quality": 0.9, "delta": "x"},
        {"joint": 0.1, "bound": "magic"},
        {"quality": 0.9, "apply": 1},
        {"qualty": 0.9},
        {"budget": 3.0},
    ],
    ids=["none", "two", "large", "text", "delta", "delta text", "bound", "apply", "name", "cost"],
)
def test_what_is_no_wish_is_refused_by_name(deployment, body):
    answer = deployment.calibrate(**body)
    assert answer.status_code == 400 and answer.json()["error"]["message"]


def test_users_neither_calibrate_nor_acknowledge(deployment):
    for path in ("/admin/calibrate", "/admin/drift"):
        assert deployment.user.post(path, json={}).status_code in (401, 403)
    odd = deployment.admin.post("/admin/drift", json={"acknowledge": "yes"})
    assert odd.status_code == 400


def test_a_decision_can_be_explained(deployment):
    body = {"prompt": "Prove that every bounded sequence has a limit.", "explain": True}
    told = deployment.user.post("/v1/route", json=body).json()
    assert told["explanation"]["score"] == told["score"]
    assert told["explanation"]["spans"][0]["text"] == "Prove"
    for odd in ({"prompt": "a", "explain": 1}, {"query_embedding": [0.1], "explain": True}):
        assert deployment.user.post("/v1/route", json=odd).status_code == 400


def test_heads_are_fitted_to_outcomes_and_handed_over(deployment):
    few = deployment.admin.post("/admin/adapt", json={})
    assert few.status_code == 400 and "at least 30" in few.json()["error"]["message"]
    deployment.grade(120, fails_every=2)
    learned = deployment.admin.post("/admin/adapt", json={}).json()
    assert learned["n"] == 120 and learned["rung"] == "two numbers"
    bundle = read_bundle(b64decode(learned["bundle"]))
    assert bundle.provenance["adapted"]["labels"] == 120
    assert deployment.user.post("/admin/adapt", json={}).status_code in (401, 403)
