"""Records to fill a store with, and what looks at one: plain Python that runs on every host."""

from dataclasses import replace

from tiny_dancer.candidates.candidate import Candidate
from tiny_dancer.history.records import DecisionRecord, EventRecord, Outcome
from tiny_dancer.history.records.codec import TYPES

ODD = (
    "Zürich 東京 🦀",
    'it\'s "quoted" \\ back`slash`',
    "'); drop table decisions; --",
    "line\nbreak\ttab\u2028separator\u00a0",
    "מימין لليسار",
    "true",
    "null",
    "5",
    "1e5",
    '{"a":1}',
    "%_?:$1",
    "e\u0301\u200d\ufeff",
    "x" * 200,
)
"""Texts that tempt a store to read them as something else."""


def decision(n: int, **changes) -> DecisionRecord:
    record = DecisionRecord(
        decision_id=f"d-{n}",
        at=1_700_000_000.0 + n,
        model="light" if n % 3 else "powerful",
        use_lightweight=bool(n % 3),
        reason="below_threshold",
        prompt_hash=f"{n:032x}",
        candidate_id=f"c-{n % 5}" if n % 2 else None,
        confidence=0.1 + (n % 9) / 10,
        score=(n % 7) / 8 - 0.5,
        policy_id="p-1",
        bundle_hash="b" * 64,
        inference_time_us=float(n % 50) or None,
    )
    return replace(record, **changes)


def candidate(n: int, **changes) -> Candidate:
    values = {
        "embedding": [n / 7, -1.5, 3e-5],
        "metadata": {"topic": "even" if n % 2 == 0 else "odd", "n": str(n)},
        "created_at": 1_700_000_000 + n / 3,
        "access_count": n,
        "success_rate": (n % 11) / 10,
    }
    return Candidate(f"c-{n}", **(values | changes))


async def refuses(kind, awaitable) -> str:
    """The message of the error of this kind that it raises; anything else fails."""
    try:
        await awaitable
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__} was raised")


async def everything(store) -> dict:
    return {kind: [row for _, row in await store.scan(kind, 0, 100_000)] for kind in TYPES}


def event(version: int, n: int = 0, **changes) -> EventRecord:
    values = {"kind": "breaker", "name": "light", "at": 5.0, "text": '{"after":"open"}'}
    return EventRecord(version=version, n=n, **(values | changes))


async def filled(store) -> None:
    """A bit of everything."""
    await store.insert_candidates([candidate(n) for n in range(12)])
    await store.record_routings([decision(n, head_inputs=b"\x01\x02" * 8) for n in range(30)])
    said = [
        Outcome(decision_id=f"d-{n}", at=n, scores={"light": 1 / 3}, cost=0.25) for n in range(20)
    ]
    await store.record_outcomes(said)
    for version in range(3):
        await store.swap_state("breaker", "light", "state", version, [event(version + 1)])
    await store.swap_state("policy", "b" * 64, '{"version":1}', 0)
