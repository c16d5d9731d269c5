"""Histories made of numbers that are known, for reports to find again."""

import random

from tiny_dancer.history import DecisionRecord, MemoryStore, Outcome

BUNDLE = "b" * 64
MODELS = ("light", "powerful")
BEGUN = 1_700_000_000.0
PRICES = (0.25, 4.0)
"""Money per answer, of light and powerful."""


def observed(n: int, score: float, **changes) -> DecisionRecord:
    """A decision of a gateway that only looks on, one a minute."""
    is_light = score <= 0.5
    return DecisionRecord(
        **{
            "decision_id": f"d-{n}",
            "at": BEGUN + 60.0 * n,
            "model": "powerful",
            "use_lightweight": False,
            "reason": "observe",
            "prompt_hash": f"{n:032x}",
            "score": score,
            "threshold": 0.5,
            "bundle_hash": BUNDLE,
            "would": "light" if is_light else "powerful",
            "would_reason": "below_threshold" if is_light else "above_threshold",
            "inference_time_us": 20.0 + n % 5,
            **changes,
        }
    )


def graded(n: int, light: float | None, powerful: float | None, **changes) -> Outcome:
    """Its outcome; None where nobody could grade the pair."""
    scores = {} if light is None else {"light": light, "powerful": powerful}
    return Outcome(
        **{
            "decision_id": f"d-{n}",
            "at": BEGUN + 60.0 * n,
            "scores": scores,
            "cost": PRICES[1],
            "cost_powerful": PRICES[1],
            "shadow_cost": PRICES[0],
            "judge_cost": 0.5,
            "graded_by": "judge:j" if scores else "ungraded",
            "latency_ms": 100.0 + n % 10,
            **changes,
        }
    )


async def fill(store: MemoryStore, requests: int, every: int, seed: int = 1) -> list[tuple]:
    """Observed requests, each `every`-th a pair; (score, light, powerful) of the pairs.

    The light model answers well where the score is low; the powerful one in 19 of 20.
    """
    draw, pairs, decisions, outcomes = random.Random(seed), [], [], []
    for n in range(requests):
        score = draw.random()
        decisions.append(observed(n, score))
        if n % every == 0:
            light = float(draw.random() < (0.99 if score < 0.5 else 0.4))
            powerful = float(draw.random() < 0.95)
            pairs.append((score, light, powerful))
            outcomes.append(graded(n, light, powerful))
    await store.record_routings(decisions)
    assert await store.record_outcomes(outcomes) == ()
    return pairs
