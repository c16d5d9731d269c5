"""What a router remembers and what it makes of it: breakers, outcomes, stored policies."""

import asyncio
import struct
from dataclasses import dataclass

import pytest
from random_bundle import random_bundle

from tiny_dancer import Candidate, InvalidInputError, Policy, Reason, Router, RouterConfig
from tiny_dancer.config import BreakerConfig, HistoryConfig, Price
from tiny_dancer.errors import StoreError
from tiny_dancer.history import MemoryStore, Outcome, SQLiteStore, Storage
from tiny_dancer.policy import Choice

BUNDLE = random_bundle(1, candidates=True)
PROMPT = "what is the theorem of the capital"
LIGHT, POWERFUL = Policy(2.0), Policy(-2.0)
CONFIG = RouterConfig(breaker=BreakerConfig(jitter=0.0))


@dataclass
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


def trip(router: Router, *models: str) -> None:
    for model in models:
        for _ in range(5):
            router.report(model, ok=False, status=500)


def test_an_open_light_model_sends_requests_to_the_powerful_one():
    router = Router(CONFIG, model=BUNDLE)
    trip(router, "light")
    response = router.route(PROMPT, policy=LIGHT)
    assert (response.model, response.use_lightweight) == ("powerful", False)
    assert response.reason is Reason.BREAKER_LIGHT_OPEN and response.retry_after_s is None
    assert router.circuit_breaker_status() is False
    assert router.circuit_breaker_status("powerful") is True


def test_an_open_powerful_model_sends_requests_to_the_light_one_and_says_why():
    router = Router(CONFIG, model=BUNDLE)
    trip(router, "powerful")
    response = router.route(PROMPT, policy=POWERFUL)
    assert (response.model, response.use_lightweight) == ("light", True)
    assert response.reason is Reason.BREAKER_POWERFUL_OPEN
    assert router.route(PROMPT, policy=LIGHT).reason is Reason.BELOW_THRESHOLD


def test_both_open_is_a_decision_that_says_when_to_try_again():
    clock = Clock()
    router = Router(CONFIG, model=BUNDLE, clock=clock)
    trip(router, "light")
    clock.now += 20
    trip(router, "powerful")
    response = router.route(PROMPT)
    assert response.reason is Reason.BOTH_BREAKERS_OPEN
    assert response.retry_after_s == pytest.approx(40.0)
    assert response.to_dict()["retry_after_s"] == pytest.approx(40.0)


def test_a_reload_in_mid_decision_does_not_mix_models():
    router = Router(CONFIG, model=random_bundle(2, m=4))
    models = router.bundle.config.models
    trip(router, *models[:3])
    scorer = router._service.loaded.scorer
    score_text = scorer.score_text

    def reloading(text, **options):
        router.reload_model(BUNDLE)
        return score_text(text, **options)

    scorer.score_text = reloading
    response = router.route(PROMPT, policy=Policy(2.0))
    assert router.bundle.config.models != models
    assert response.model == models[3] and response.reason is Reason.BREAKER_LIGHT_OPEN


def test_a_lease_lets_one_request_through_a_half_open_breaker():
    clock = Clock()
    router = Router(CONFIG, model=BUNDLE, clock=clock)
    trip(router, "light")
    assert asyncio.run(router.lease("light")) is None, "it is open"
    clock.now += 60
    assert router.route(PROMPT, policy=LIGHT).model == "powerful"
    for _ in range(2):  # two answered probes close it
        lease = asyncio.run(router.lease("light"))
        assert router.route(PROMPT, policy=LIGHT, lease=lease).model == "light"
        router.report("light", ok=True, lease=lease)
    assert router.route(PROMPT, policy=LIGHT).model == "light"


def test_the_callers_own_faults_open_nothing():
    router = Router(CONFIG, model=BUNDLE)
    for _ in range(50):
        router.report("light", ok=False, status=400)
    assert router.circuit_breaker_status("light") is True


def test_a_breaker_that_is_switched_off():
    router = Router(RouterConfig(enable_circuit_breaker=False), model=BUNDLE)
    trip(router, "light", "powerful")
    assert router.circuit_breaker_status() is None
    assert router.route(PROMPT, policy=LIGHT).reason is Reason.BELOW_THRESHOLD


def test_light_and_powerful_name_the_ends_of_any_bundle():
    router = Router(CONFIG, model=random_bundle(2, m=4))
    models = router.bundle.config.models
    trip(router, "light", "powerful")
    assert [router.circuit_breaker_status(m) for m in models] == [False, True, True, False]
    assert router.route(PROMPT, policy=POWERFUL).model == models[2]
    assert router.route(PROMPT, policy=LIGHT).model == models[1]


def test_open_breakers_survive_a_restart(tmp_path):
    clock, path = Clock(), tmp_path / "history.db"
    with Router(CONFIG, model=BUNDLE, store=SQLiteStore(path), clock=clock) as router:
        trip(router, "light")
    clock.now += 10
    with Router(CONFIG, model=BUNDLE, store=SQLiteStore(path), clock=clock) as router:
        assert router.route(PROMPT, policy=LIGHT).reason is Reason.BREAKER_LIGHT_OPEN


def test_what_is_stored_of_a_decision_and_its_outcome(tmp_path):
    path = tmp_path / "history.db"
    prices = {"light": Price(1.0, 1.0), "powerful": Price(10.0, 10.0)}
    config = RouterConfig(history=HistoryConfig(prices=prices))
    vector = [1.0, 0.0, 0.5, 0.25]
    candidates = [
        Candidate(name, embedding=numbers, created_at=0.0, success_rate=0.5)
        for name, numbers in (("a", vector), ("b", vector[::-1]))
    ]
    with Router(config, model=BUNDLE, store=SQLiteStore(path)) as router:
        text = router.route(PROMPT, policy=LIGHT)
        ranked = router.route(vector, candidates=candidates)
        router.record_outcome(
            text.decision_id, light_score=1.0, model="light", tokens_in=100, tokens_out=400
        )
        router.record_outcome("nobody", light_score=1.0)
        asyncio.run(router.flush())
        metrics = router.metrics()
    assert (metrics.total, metrics.outcomes, metrics.unknown_outcomes) == (2, 2, 1)
    assert metrics.money_saved == pytest.approx(0.0045)
    scored = router._service.loaded.scorer.score_text(PROMPT.encode(), head_inputs=True)
    with Storage(path) as storage:
        records = {record.decision_id: record for record in storage.query_routings()}
        assert storage.get_statistics().money_saved == pytest.approx(0.0045)
    kept = records[text.decision_id]
    assert (kept.score, kept.uncertainty) == (text.score, text.uncertainty)
    assert kept.head_inputs == struct.pack(f"<{len(scored.head_inputs)}e", *scored.head_inputs)
    assert kept.prompt_hash and PROMPT not in repr(kept)
    assert records[ranked.decision_id].candidate_id == ranked.decisions[0].candidate_id
    assert records[ranked.decision_id].head_inputs is None


def test_head_inputs_are_kept_only_where_they_are_wanted():
    store = MemoryStore()
    config = RouterConfig(history=HistoryConfig(head_inputs=False))
    router = Router(config, model=BUNDLE, store=store)
    router.route(PROMPT)
    asyncio.run(router.flush())
    (record,) = asyncio.run(store.query_routings(1))
    assert record.head_inputs is None
    router.close()


def test_a_stored_policy_decides_until_another_takes_its_place():
    clock, store = Clock(), MemoryStore()
    router = Router(CONFIG, model=BUNDLE, store=store, clock=clock)
    default = router.route(PROMPT).policy_id
    bundle_hash = router.bundle.bundle_hash
    policies = [Policy(t, bundle_hash=bundle_hash) for t in (2.0, -2.0)]
    for version, policy in enumerate(policies):
        swapped = store.swap_state("policy", bundle_hash, policy.to_json(), version, [])
        assert asyncio.run(swapped)
        clock.now += 10  # the view is too old: the next drain looks again
        asyncio.run(router._history.views.refresh(clock.now))
        assert router.route(PROMPT).policy_id == policy.id != default
    with Router(CONFIG, model=BUNDLE, store=store, policy=LIGHT) as own:
        assert own.route(PROMPT).policy_id == LIGHT.id, "one given to the router comes first"
        asyncio.run(router.flush())  # while the store that both share is open


def test_a_store_that_is_none_is_refused():
    with pytest.raises(InvalidInputError, match=r"store: a HistoryStore is needed.*history\.db"):
        Router(model=BUNDLE, store="history.db")


def test_a_store_that_fails_stops_no_decision():
    class Full(MemoryStore):
        async def record_routings(self, records):
            raise StoreError("disk full")

    router = Router(model=BUNDLE, store=Full())
    assert router.route(PROMPT).reason in (Reason.BELOW_THRESHOLD, Reason.ABOVE_THRESHOLD)
    with pytest.raises(StoreError, match="disk full"):
        asyncio.run(router.flush())
    assert router.route(PROMPT).n_tokens > 0
    assert router.metrics().total == 2
    with pytest.raises(StoreError):
        router.close()


def test_deleting_all_leaves_no_record_no_breaker_and_another_key():
    async def run() -> None:
        store = MemoryStore()
        router = Router(CONFIG, model=BUNDLE, store=store)
        trip(router, "light")
        router.route(PROMPT)
        await router.flush()
        (before,) = await store.query_routings()
        router.route(PROMPT)  # waits
        await router.delete_all()
        assert await store.query_routings() == [] and await store.load_states("breaker") == {}
        assert router.circuit_breaker_status("light") is True
        router.route(PROMPT)
        await router.flush()
        (after,) = await store.query_routings()
        assert after.prompt_hash and after.prompt_hash != before.prompt_hash
        await router.aclose()

    asyncio.run(run())


def test_an_outcome_is_its_owners_alone():
    store = MemoryStore()
    router = Router(CONFIG, model=BUNDLE, store=store)
    ann = router.route(PROMPT, owner="ann").decision_id
    scored = router.score(PROMPT)
    bob = router.record(scored, Choice("light", Reason.FORCED), owner="bob").decision_id
    asyncio.run(router.flush())
    reports = [Outcome(decision_id=name, at=1.0, owner="ann") for name in (ann, bob)]
    assert asyncio.run(store.record_outcomes(reports)) == (bob,)
    router.close()
