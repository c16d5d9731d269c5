"""Calibrating, learning and deciding, timed by a clock of processor seconds; on any host."""

import random
import statistics
from collections.abc import Callable
from typing import Any

from tiny_dancer import Router
from tiny_dancer.calibration.calibrate import calibrate
from tiny_dancer.calibration.paired_outcome import PairedOutcome
from tiny_dancer.history import MemoryStore
from tiny_dancer.policy import Certificate, Policy, Target

Clock = Callable[[], float]

OUTCOMES = 100_000
LEARNED = 1_000
TARGETS = (Target("quality_kept", 0.95), Target("joint", 0.1), Target("selective", 0.2))
PROMPT = "Write a Python function that parses dates in several formats and handles time zones."
BATCHES, CALLS = 60, 200
WORDS = "what is the of and to in for proof theorem capital date sum of a city".split()


def make_outcomes(n: int) -> list[PairedOutcome]:
    """Pairs on which light fails more often where the score is higher."""
    draw, found = random.Random(1), []
    for _ in range(n):
        score = draw.uniform(-1, 1)
        light = float(draw.random() < 0.8 - 0.4 * score)
        found.append(PairedOutcome((score,), (light, float(draw.random() < 0.95))))
    return found


def time_calibration(clock: Clock, n: int = OUTCOMES) -> dict[str, float]:
    """Seconds to certify a policy on so many outcomes, by target."""
    outcomes, outside = make_outcomes(n), [o.scores[0] for o in make_outcomes(2_000)]
    found = {}
    for target in TARGETS:
        begin = clock()
        calibrate(outcomes, target, bundle_hash="b", date="2026-01-31", outside=outside)
        found[target.measure] = round(clock() - begin, 3)
    return found


async def time_learning(clock: Clock, model: bytes, n: int = LEARNED) -> float:
    """Seconds of the ladder over so many stored outcomes, from the store to the verdict."""
    draw, router = random.Random(2), Router(model=model, store=MemoryStore())
    for i in range(n):
        prompt = " ".join([*draw.choices(WORDS, k=8), str(i)])
        name = router.route(prompt).decision_id
        light = float(draw.random() < (0.3 if "theorem" in prompt else 0.9))
        powerful = float(draw.random() < 0.95)
        router.record_outcome(name, light_score=light, powerful_score=powerful)
        if i % 200 == 0:
            await router.flush()
    begin = clock()
    learned = await router.adapt(apply=False)
    took = clock() - begin
    assert learned.n == n
    await router.aclose()
    return round(took, 3)


async def time_decisions(clock: Clock, model: bytes) -> dict[str, float]:
    """Microseconds of a decision by the default and by a certified policy, and their ratio.

    Batches take turns, so that both meet the same machine; medians.
    """
    bare = Router(model=model, store=MemoryStore())
    name = bare.bundle.bundle_hash if bare.bundle is not None else ""
    made = Certificate("quality_kept", 0.95, 0.05, 1_000, "betting", "m", "d", name, "2026-01-31")
    policy = Policy(0.1, TARGETS[0], None, made, name)
    routers = {"default": bare}
    routers["certified"] = Router(model=model, store=MemoryStore(), policy=policy)
    for router in routers.values():
        await router.refresh()
    times: dict[str, list[float]] = {who: [] for who in routers}
    for _ in range(BATCHES):
        for who, router in routers.items():
            times[who].append(_time(clock, lambda r=router: r.route(PROMPT)))  # type: ignore[misc]
            await router.flush()
    for router in routers.values():
        await router.aclose()
    found = {who: round(statistics.median(values), 2) for who, values in times.items()}
    ratios = [c / d for c, d in zip(times["certified"], times["default"], strict=True)]
    return {**found, "ratio": round(statistics.median(ratios), 3)}


def _time(clock: Clock, call: Callable[[], Any]) -> float:
    begin = clock()
    for _ in range(CALLS):
        call()
    return (clock() - begin) / CALLS * 1e6


async def measure(clock: Clock, model: bytes) -> dict[str, Any]:
    """All of it, on this host."""
    return {
        "calibrate_s": time_calibration(clock),
        "learn_s": await time_learning(clock, model),
        "decision_us": await time_decisions(clock, model),
    }
