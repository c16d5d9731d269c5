"""Fills a store by the code of commit c4b8a2e, on CPython and in the tab; run by make.py."""

from tiny_dancer.candidate import Candidate
from tiny_dancer.history.jsonl import export_lines
from tiny_dancer.history.views import Views
from tiny_dancer.policy.breaker_events import Report
from tiny_dancer.policy.breaker_state import Mode

from tiny_dancer.config import BreakerConfig, HistoryConfig
from tiny_dancer.history.records import DecisionRecord, Outcome
from tiny_dancer.policy import Policy

NOW = 1_790_000_000.0
ODD = 'Zürich 東京 🦀 \'"quoted"\' \\ {"a":1}\nline'
LARGEST = (1 << 53) - 1
"""The largest whole number that this version took."""


async def fill(store) -> None:
    """Some of everything, with the largest and oddest values that this version took."""
    await store.insert_candidates([candidate(n) for n in range(6)])
    await store.record_routings([decision(n) for n in range(12)])
    await store.record_outcomes([outcome(n) for n in range(9)])
    await store.record_outcomes([Outcome(decision_id="d-1", at=NOW + 99, scores={"powerful": 0.5})])
    await store.swap_state("policy", "b" * 64, Policy(0.25, bundle_hash="b" * 64).to_json(), 0)
    for version in range(3):
        await store.swap_state("generation", "bundle", "{}", version)
    await breakers(store)


def candidate(n: int) -> Candidate:
    by = {"embedding": [n / 7, -1.5, 3e-5]} if n % 2 else {"text": ODD}
    return Candidate(
        f"c-{n}",
        **by,
        metadata={"topic": ODD, "n": str(n)} if n else {},
        created_at=NOW - n / 3,
        access_count=LARGEST if n == 5 else n,
        success_rate=n / 5,
    )


def decision(n: int) -> DecisionRecord:
    if n == 11:  # all that may be missing is
        return DecisionRecord(
            decision_id="d-11", at=NOW, model="powerful", use_lightweight=False, reason="no_model"
        )
    return DecisionRecord(
        decision_id=f"d-{n}",
        at=NOW + n / 7,
        model="light" if n % 3 else "powerful",
        use_lightweight=bool(n % 3),
        reason="below_threshold",
        prompt_hash=f"{n:032x}",
        candidate_id=f"c-{n % 5}" if n % 2 else None,
        confidence=n / 11,
        uncertainty=1 / (n + 1),
        score=n / 7 - 0.5,
        threshold=0.25,
        policy_id="default",
        bundle_hash="b" * 64,
        propensity=0.5 if n == 4 else 1.0,
        explored=n == 4,
        head_inputs=bytes(range(n, n + 80)) * 2,
        n_tokens=LARGEST if n == 10 else n,
        inference_time_us=1e15 if n == 10 else n + 0.5,
    )


def outcome(n: int) -> Outcome:
    if n >= 6:  # three of these exceed what a total may be on the way to JavaScript
        return Outcome(
            decision_id=f"d-{n}", at=NOW, cost=1e15, tokens_in=LARGEST, tokens_out=LARGEST
        )
    return Outcome(
        decision_id=f"d-{n}",
        at=NOW + n,
        scores={"light": n / 5, ODD[:20]: 1.0} if n % 2 else {},
        cost=n / 1000,
        cost_powerful=n / 100 if n % 2 else None,
        tokens_in=n * 10,
        tokens_out=n * 20 if n else None,
        latency_ms=n + 0.25,
    )


async def breakers(store) -> None:
    """One open, one half-open with a probe out, one held closed, one closed with calls counted."""
    views = Views(HistoryConfig(), BreakerConfig(), stored=True)
    shared = views.breakers
    for model in ("open", "half-open"):
        for _ in range(5):
            shared.report(model, Report(False, 12.5, 503), NOW)
    for n in range(30):
        shared.report("closed", Report(n % 7 != 0, 100.0), NOW + 3 * n)
    await shared.commit(store, NOW, everything=True)
    assert await shared.lease(store, "half-open", NOW + 100.0)
    await shared.force(store, "held", Mode.FORCED_CLOSED, NOW)


async def read(store) -> dict:
    """What this version exports and counts."""
    statistics = await store.statistics()
    models = [[m.model, m.routes, m.scored, m.successes] for m in statistics.models]
    candidates = [[c.candidate_id, c.routes, c.scored] for c in statistics.candidates]
    totals = [statistics.total_routes, statistics.lightweight_routes, statistics.outcomes]
    return {
        "lines": [line async for line in export_lines(store)],
        "statistics": {"models": models, "candidates": candidates, "totals": totals},
    }
