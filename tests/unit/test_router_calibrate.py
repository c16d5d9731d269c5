"""From outcomes in a store to a certified policy that decides, or to the number missing."""

import asyncio
import random
from datetime import date

import pytest
from random_bundle import random_bundle

from tiny_dancer import InvalidInputError, PolicyError, Router
from tiny_dancer.config import HistoryConfig, RouterConfig
from tiny_dancer.errors import NotEnoughData
from tiny_dancer.history import MemoryStore
from tiny_dancer.policy import Policy, Target

CONFIG = RouterConfig(history=HistoryConfig(flush_s=3_600))
KEEP = Target("quality_kept", 0.9)
PROMPTS = [f"question {i} about {'a' * (i % 7)}" for i in range(300)]


def observe(router, prompts, powerful=1.0):
    """Both models' answers graded; the light one fails on one prompt in twenty."""
    draw = random.Random(1)
    for prompt in prompts:
        decision = router.route(prompt)
        light = float(draw.random() < 0.95)
        router.record_outcome(decision.decision_id, light_score=light, powerful_score=powerful)


@pytest.fixture
def router():
    with Router(CONFIG, model=random_bundle(3), store=MemoryStore(), clock=lambda: 0.0) as made:
        yield made


def test_outcomes_become_a_policy_that_decides(router):
    observe(router, PROMPTS)
    before = router.route(PROMPTS[0]).policy_id
    policy = asyncio.run(router.calibrate(KEEP))
    assert policy.certificate.n == len(PROMPTS)
    assert policy.certificate.date == date(1970, 1, 1).isoformat()
    assert policy.bundle_hash == policy.certificate.bundle_hash == router.bundle.bundle_hash
    assert router.route(PROMPTS[0]).policy_id == policy.id != before
    again = asyncio.run(router.calibrate(Target("quality_kept", 0.8)))
    assert router.route(PROMPTS[0]).policy_id == again.id


def test_without_apply_nothing_changes(router):
    observe(router, PROMPTS)
    before = router.route(PROMPTS[0]).policy_id
    assert asyncio.run(router.calibrate(KEEP, apply=False)).id != before
    assert router.route(PROMPTS[0]).policy_id == before


def test_too_few_outcomes_leave_the_router_where_it_was(router):
    observe(router, PROMPTS[:10])
    before = router.route(PROMPTS[0]).policy_id
    with pytest.raises(NotEnoughData, match="further outcomes") as caught:
        asyncio.run(router.calibrate(KEEP))
    assert caught.value.fewest > 0
    assert router.route(PROMPTS[0]).policy_id == before


def test_only_pairs_of_this_bundle_count(router):
    for prompt in PROMPTS:
        decision = router.route(prompt)
        router.record_outcome(decision.decision_id, light_score=1.0)
    with pytest.raises(NotEnoughData):
        asyncio.run(router.calibrate(KEEP))
    observe(router, PROMPTS)
    router.reload_model(random_bundle(4))
    with pytest.raises(NotEnoughData):
        asyncio.run(router.calibrate(KEEP))


def test_only_marks_by_people_count_where_that_is_wished(router):
    observe(router, PROMPTS)  # whoever runs the router marked these
    for n in range(300):
        decision = router.route(f"another question, the {n}th")
        kind = {"light_score": 1.0, "powerful_score": 1.0, "graded_by": "judge:j"}
        router.record_outcome(decision.decision_id, **kind)
    policy = asyncio.run(router.calibrate(KEEP, apply=False))
    assert policy.certificate.n == 600
    assert policy.certificate.method.endswith("; as marked by judge:j, people")
    policy = asyncio.run(router.calibrate(KEEP, by_people=True))
    assert policy.certificate.n == 300
    assert policy.certificate.method.endswith("; as marked by people")


def test_the_same_prompt_asked_often_counts_once(router):
    observe(router, PROMPTS[:1] * 300)
    with pytest.raises(NotEnoughData):
        asyncio.run(router.calibrate(KEEP))


def test_a_selective_rate_starts_by_the_rows_of_the_bundle(router):
    observe(router, PROMPTS)
    policy = asyncio.run(router.calibrate(Target("selective", 0.3)))
    assert policy.certificate.rate == "selective"


def test_without_a_store_there_is_nothing_to_calibrate_from():
    alone = Router(CONFIG, model=random_bundle(3))
    with alone, pytest.raises(InvalidInputError, match="store"):
        asyncio.run(alone.calibrate(KEEP))


def test_more_than_two_models_are_refused():
    three = Router(CONFIG, model=random_bundle(3, m=3), store=MemoryStore())
    with three, pytest.raises(PolicyError, match="two models"):
        asyncio.run(three.calibrate(KEEP))


def test_a_policy_given_to_the_router_stays_before_a_stored_one():
    own = Policy(0.25)
    with Router(CONFIG, model=random_bundle(3), store=MemoryStore(), policy=own) as router:
        observe(router, PROMPTS)
        asyncio.run(router.calibrate(KEEP))
        assert router.route(PROMPTS[0]).policy_id == own.id
