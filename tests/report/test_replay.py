"""Replay: stored decisions under another policy."""

import asyncio
from types import SimpleNamespace

import pytest
from report.histories import BUNDLE, MODELS, fill, observed

from tiny_dancer.errors import PolicyError
from tiny_dancer.history import MemoryStore
from tiny_dancer.history.states.replacement import replace_state
from tiny_dancer.policy import Policy
from tiny_dancer.report.replay import replay

LOADED = SimpleNamespace(
    bundle_hash=BUNDLE, config=SimpleNamespace(models=MODELS), policy=Policy(0.5)
)


def run(decisions, policy, requests=0):
    async def both():
        store = MemoryStore()
        pairs = await fill(store, requests, 5)
        await store.record_routings(decisions)
        return await replay(store, LOADED, policy), pairs

    return asyncio.run(both())


def decided(n, score, model, reason, **changes):
    return observed(
        n,
        score,
        model=model,
        use_lightweight=model == "light",
        reason=reason,
        would=None,
        would_reason=None,
        **changes,
    )


def test_the_policy_that_decided_changes_nothing():
    found, _ = run([], Policy(0.5), 500)
    assert (found.decisions, found.changed) == (500, 0)


def test_each_decision_that_changes_is_counted():
    found, pairs = run([], Policy(0.25), 500)
    assert found.to_light == 0 and found.to_powerful == found.changed
    assert 90 < found.changed < 160  # a quarter of 500, four standard deviations
    kept = sum(w if s <= 0.25 else q for s, w, q in pairs) / sum(q for _, _, q in pairs)
    assert found.after.kept.estimate == pytest.approx(kept)
    assert found.before.light_share > found.after.light_share
    assert found.after.kept.low <= kept <= found.after.kept.high


def test_both_sides_are_of_the_recorded_decisions_whatever_policy_is_in_force():
    async def both():
        store = MemoryStore()
        pairs = await fill(store, 500, 5)
        await replace_state(store, "policy", BUNDLE, Policy(0.25).to_json())  # after the decisions
        return await replay(store, LOADED, Policy(0.25)), pairs

    found, pairs = asyncio.run(both())
    assert found.changed > 90
    recorded, replayed = (sum(s <= t for s, _, _ in pairs) / len(pairs) for t in (0.5, 0.25))
    assert found.before.light_share == recorded != replayed == found.after.light_share


def test_what_no_policy_changes_stays():
    found, _ = run(
        [
            decided(1, 0.9, "light", "below_threshold"),
            decided(2, 0.1, "powerful", "sticky"),
            decided(3, 0.1, "powerful", "unfamiliar_input"),
            decided(4, 0.1, "light", "forced"),
            decided(5, 0.1, "powerful", "above_threshold", bundle_hash="c" * 64),
            decided(6, 0.1, "powerful", "breaker_light_open"),
            decided(7, 0.2, "powerful", "above_threshold"),
        ],
        Policy(0.5),
    )
    assert (found.to_light, found.to_powerful, found.skipped) == (1, 1, 2)
    assert found.kept == {"sticky": 1, "unfamiliar_input": 1} and found.decisions == 5
    assert found.after is None  # no pair was graded


def test_a_policy_of_another_bundle_is_refused():
    with pytest.raises(PolicyError, match="it is for bundle cccccccccccc"):
        run([], Policy(0.5, bundle_hash="c" * 64))
