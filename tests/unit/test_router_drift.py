"""From outcomes in a store to an alarm that every router of the store follows, and to its end."""

import asyncio
import random
from dataclasses import replace

import pytest
from drift_work import CONFIG, KEEP, Clock, Work
from random_bundle import random_bundle
from typer.testing import CliRunner

from tiny_dancer import Reason, Router
from tiny_dancer.cli.app import app
from tiny_dancer.history import MemoryStore, Outcome, SQLiteStore
from tiny_dancer.history.readings.prometheus import render
from tiny_dancer.history.states.drift_states import _find_last
from tiny_dancer.model import read_bundle, write_bundle
from tiny_dancer.policy import Certificate, Policy, Target


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def work(request, clock, tmp_path):
    store = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "h.db")
    made = Work(store, clock)
    with made.router:
        yield made


def test_without_a_certificate_nothing_is_watched(work):
    work.observe(50, 0.0)
    work.look()
    assert work.router.drift() is None and "drift" not in render(work.router.metrics())


def test_a_light_model_that_got_worse_is_not_asked_until_somebody_says_so(work):
    work.certify()
    assert work.router.drift().loss.n == 0  # what certified it is no evidence for or against
    work.observe(200, 0.97)
    work.look()
    drift = work.router.drift()
    assert (drift.state, drift.loss.n, drift.scores.n) == ("steady", 200, 200)
    assert work.router.route("question 1 about a").use_lightweight
    work.break_light()
    decision = work.router.route("question 1 about a")
    assert (decision.model, decision.reason) == ("powerful", Reason.DRIFT_ALARM)
    named = work.router.route("question 1 about a", policy=Policy(2.0))
    assert named.reason is Reason.DRIFT_ALARM
    text = render(work.router.metrics())
    assert "tiny_dancer_drift_alarm 1\n" in text and 'e_value{monitor="loss"}' in text
    asyncio.run(work.router.acknowledge_drift())
    assert work.router.drift().loss.e_value == 1.0
    assert work.router.route("question 1 about a").use_lightweight


def test_what_certified_it_is_no_evidence_though_a_slow_writer_stores_it_again(work):
    work.certify()
    store = work.store
    decisions = asyncio.run(store.query_routings(400))
    again = [Outcome(decision_id=d.decision_id, at=d.at, latency_ms=9.0) for d in decisions]
    asyncio.run(store.record_outcomes(again))
    work.observe(50, 0.97)
    work.look()
    assert work.router.drift().loss.n == 50


def test_calibrating_anew_ends_an_alarm(work):
    work.certify()
    work.break_light()
    work.observe(3_000, 0.97)
    asyncio.run(work.router.calibrate(Target("quality_kept", 0.6)))
    assert work.router.drift().state == "steady"
    assert work.router.route("question 1 about a").reason is not Reason.DRIFT_ALARM


def test_an_alarm_outlives_its_process_and_holds_in_others(clock, tmp_path):
    path = tmp_path / "h.db"
    work = Work(SQLiteStore(path), clock)
    with work.router, Router(CONFIG, model=random_bundle(3), store=SQLiteStore(path)) as other:
        work.certify()
        work.break_light()
        asyncio.run(other.refresh())
        assert other.route("question").reason is Reason.DRIFT_ALARM
    with Router(CONFIG, model=random_bundle(3), store=SQLiteStore(path)) as later:
        assert later.route("question").reason is Reason.DRIFT_ALARM  # at its first decision
        asyncio.run(later.acknowledge_drift())
        assert later.route("question").reason is not Reason.DRIFT_ALARM


def damage(store, kind: str, text: str) -> None:
    """Put a text in the place of the only state of a kind."""
    ((name, state),) = asyncio.run(store.load_states(kind)).items()
    assert asyncio.run(store.swap_state(kind, name, text, state.version))


@pytest.mark.parametrize("text", ["{", "{}", "null", '{"version": 1, "policy_id": 7, "loss": []}'])
def test_damaged_evidence_is_an_alarm_until_it_is_acknowledged(work, text):
    work.certify()
    work.break_light()
    text = text.replace("7", f'"{work.router.drift().policy_id}"')
    damage(work.router._history.store, "drift", text)
    for _ in range(2):
        work.look()
        found = work.router.drift()
        assert found.state == "alarm" and found.is_unreadable
        decision = work.router.route("question 1 about a")
        assert (decision.model, decision.reason) == ("powerful", Reason.DRIFT_ALARM)
    assert "tiny_dancer_drift_alarm 1\n" in render(work.router.metrics())
    asyncio.run(work.router.acknowledge_drift())
    found = work.router.drift()
    assert found.state == "steady" and not found.is_unreadable
    assert work.router.route("question 1 about a").use_lightweight


def test_calibrating_anew_mends_damaged_evidence(work):
    work.certify()
    work.look()
    damage(work.router._history.store, "drift", "{")
    work.look()
    assert work.router.drift().state == "alarm"
    asyncio.run(work.router.calibrate(Target("quality_kept", 0.6)))
    work.look()
    assert work.router.drift().state == "steady"


@pytest.mark.parametrize("text", ["{", "null", "[]", '{"version": "1"}', '{"version": 1}'])
def test_a_stored_policy_that_cannot_be_read_is_powerful(work, text):
    work.certify()
    own = work.router.bundle.policy
    damage(work.router._history.store, "policy", text)
    work.look()
    decision = work.router.route("question 1 about a")
    assert (decision.model, decision.reason) == ("powerful", Reason.POLICY_STALE)
    with Router(CONFIG, model=random_bundle(3), store=MemoryStore(), policy=own) as given:
        name = given.bundle.bundle_hash
        asyncio.run(given._history.store.swap_state("policy", name, text, 0))
        asyncio.run(given.refresh())  # no certificate that a newer one could end
        assert given.route("question").reason is not Reason.POLICY_STALE
    asyncio.run(work.router.calibrate(KEEP))
    assert work.router.route("question 1 about a").use_lightweight


@pytest.mark.parametrize(
    ("kind", "said"),
    [("drift", "evidence cannot be read"), ("policy", "policy of this bundle cannot be read")],
)
def test_the_command_names_what_cannot_be_read(clock, tmp_path, kind, said):
    path, bundle = tmp_path / "h.db", tmp_path / "b.bin"
    bundle.write_bytes(random_bundle(3))
    work = Work(SQLiteStore(path), clock)
    with work.router:
        work.certify()
        work.look()
        damage(work.router._history.store, kind, "{")
    done = CliRunner().invoke(app, ["drift", str(path), "--bundle", str(bundle)])
    told = f"{done.output} {done.exception}"
    assert said in told and "Nothing speaks" not in told and "holds no" not in told
    if kind == "drift":
        args = ["drift", str(path), "--bundle", str(bundle), "--acknowledge"]
        assert "Nothing speaks" in CliRunner().invoke(app, args).output


def test_a_policy_given_is_watched_too_and_is_stale_after_a_newer_calibration(clock):
    store = MemoryStore()
    work = Work(store, clock)
    work.observe(400, 0.97)
    given = asyncio.run(work.router.calibrate(KEEP, apply=False))
    with Router(CONFIG, model=random_bundle(3), store=store, policy=given, clock=clock) as router:
        asyncio.run(router.refresh())
        assert router.drift().policy_id == given.id
        assert router.route("question").use_lightweight
        later = replace(given, certificate=replace(given.certificate, date="2026-12-31"))
        asyncio.run(store.swap_state("policy", router.bundle.bundle_hash, later.to_json(), 0))
        asyncio.run(router.refresh())
        decision = router.route("question")
        assert (decision.model, decision.reason) == ("powerful", Reason.POLICY_STALE)


def test_the_last_row_is_found_among_gaps():
    async def find(numbers) -> int:
        class Rows:
            async def scan(self, kind, after, limit):
                return [(n, ()) for n in sorted(numbers) if n > after][:limit]

        return await _find_last(Rows(), "outcome")

    draw = random.Random(1)
    for size in (0, 1, 2, 5, 100):
        numbers = set(draw.sample(range(1, 1_000), size))
        assert asyncio.run(find(numbers)) == max(numbers, default=0)


def certified_bundle() -> bytes:
    """A bundle whose own policy is a certified one."""
    bundle = read_bundle(random_bundle(3))
    made = Certificate("quality_kept", 0.9, 0.05, 400, "b", "m", "d", "h", "2026-01-01")
    return write_bundle(*bundle.with_(policy=Policy(2.0, KEEP, None, made)))


def test_an_alarm_holds_for_a_certified_policy_inside_the_bundle(clock):
    work = Work(MemoryStore(), clock, model=certified_bundle())
    with work.router:
        work.observe(20, 0.97)
        work.look()
        assert work.router.drift().policy_id == work.router.bundle.policy.id
        assert work.router.route("question 1 about a").use_lightweight
        work.break_light()
        decision = work.router.route("question 1 about a")
        assert (decision.model, decision.reason) == ("powerful", Reason.DRIFT_ALARM)


def test_a_policy_that_a_request_names_is_as_stale_as_the_stored_one(work):
    work.certify()
    named = Policy(2.0)
    assert work.router.route("question 1 about a", policy=named).use_lightweight
    damage(work.router._history.store, "policy", "{")
    work.look()
    decision = work.router.route("question 1 about a", policy=named)
    assert (decision.model, decision.reason) == ("powerful", Reason.POLICY_STALE)
