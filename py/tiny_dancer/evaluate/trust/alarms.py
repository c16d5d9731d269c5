"""How often the alarm is false, and how late it comes: streams drawn from pools of real prompts."""

import random
from collections.abc import Callable, Iterator, Sequence
from math import pi, sin
from statistics import median
from typing import Any, Final

from ...calibration.calibrate import calibrate
from ...calibration.paired_outcome import PairedOutcome
from ...drift import RATE, Monitors
from ...errors import NotEnoughData
from ...policy import Policy, Target
from .truth import Truth

DECISIONS: Final = 10_000
GRADED: Final = 10
"""One decision in so many has its pair graded."""
FALSE_RATE: Final = 0.1
"""Of both monitors together, for the test: one run in twenty each."""
TARGET: Final = Target("quality_kept", 0.95)
PAIRS: Final = 1_000
"""That the policy is calibrated with."""
EVERY, LONG, NARROW = 2_000, 300, 0.02
"""Of bursts: one in so many decisions, its length, and its share of the pool's scores."""
DAY: Final = 1_000

Stream = Iterator[PairedOutcome]


def steady(pool: Sequence[PairedOutcome], draw: random.Random) -> Stream:
    """Prompts as they are in the pool."""
    while True:
        yield draw.choice(pool)


def bursts(pool: Sequence[PairedOutcome], draw: random.Random) -> Stream:
    """The same, with batches of prompts of nearly equal scores."""
    ordered = sorted(pool, key=lambda o: o.scores)
    width = max(1, int(NARROW * len(pool)))
    while True:
        for _ in range(EVERY - LONG):
            yield draw.choice(pool)
        start = draw.randrange(len(pool) - width)
        for _ in range(LONG):
            yield ordered[start + draw.randrange(width)]


def days(pool: Sequence[PairedOutcome], draw: random.Random) -> Stream:
    """The same on average; at night harder prompts come, by day easier ones."""
    ordered, n, t = sorted(pool, key=lambda o: o.scores), len(pool), 0
    while True:
        at, t = draw.randrange(n), t + 1
        if draw.random() * 1.8 <= 1 + 0.8 * sin(2 * pi * t / DAY) * (2 * at / n - 1):
            yield ordered[at]


STREAMS: Final = {"steady": steady, "bursts": bursts, "days": days}


def count_false_alarms(
    pool: Sequence[PairedOutcome],
    stream: Callable[[Sequence[PairedOutcome], random.Random], Stream],
    runs: int,
) -> dict[str, Any]:
    """Alarms and warnings in runs of `DECISIONS` under a policy that keeps its target in truth."""
    truth, draw = Truth(pool), random.Random(1)
    alarms = warnings = done = 0
    while done < runs:
        policy = _certify(pool, draw)
        if policy is None or not truth.holds(TARGET, policy.threshold):
            continue  # refused, or broken by chance: an alarm would be none too many
        monitors = Monitors(policy, FALSE_RATE)
        source = stream(pool, draw)
        _feed(monitors, source, DECISIONS, done, draw)
        drift = monitors.read()
        alarms += drift.loss.since is not None
        warnings += drift.scores.since is not None
        done += 1
    return {"runs": runs, "decisions": DECISIONS, "alarms": alarms, "warnings": warnings}


def measure_delay(
    pool: Sequence[PairedOutcome], other: Sequence[PairedOutcome], runs: int
) -> dict[str, Any]:
    """Decisions and graded pairs from a change of subject to the alarm, at the usual rate."""
    draw, after = random.Random(2), Truth(other)
    delays: list[int] = []
    warned = early = found = done = 0
    kept: list[float] = []
    while done < runs:
        policy = _certify(pool, draw)
        if policy is None or after.holds(TARGET, policy.threshold):
            continue
        kept.append(after.value("quality_kept", policy.threshold))
        monitors = Monitors(policy, RATE)
        _feed(monitors, steady(pool, draw), DECISIONS // 2, done, draw)
        early += monitors.read().loss.since is not None
        n = _feed(monitors, steady(other, draw), 2 * DECISIONS, done + runs, draw, stop=True)
        drift = monitors.read()
        warned += drift.scores.since is not None
        found += drift.loss.since is not None
        delays.append(n)
        done += 1
    ordered = sorted(delays)
    return {
        "runs": runs,
        "alarms": found,
        "before_the_change": early,
        "warnings": warned,
        "kept_after_the_change": median(kept),
        "decisions": {
            "median": median(delays),
            "nine_in_ten": ordered[int(0.9 * len(ordered))],
        },
        "pairs": {
            "median": median(delays) / GRADED,
            "nine_in_ten": ordered[int(0.9 * len(ordered))] / GRADED,
        },
    }


def count_broken(
    pool: Sequence[PairedOutcome], other: Sequence[PairedOutcome], runs: int
) -> dict[str, Any]:
    """How many policies certified on a pool do not keep their target on another."""
    draw, after = random.Random(3), Truth(other)
    policies = [policy for _ in range(runs) if (policy := _certify(pool, draw)) is not None]
    kept = [after.value("quality_kept", policy.threshold) for policy in policies]
    return {
        "policies": len(policies),
        "broken": sum(value < TARGET.value for value in kept),
        "kept_after_the_change": median(kept),
    }


def _certify(pool: Sequence[PairedOutcome], draw: random.Random) -> Policy | None:
    sample = draw.choices(pool, k=PAIRS)
    try:
        return calibrate(sample, TARGET, bundle_hash="b" * 64, date="2026-01-31")
    except NotEnoughData:
        return None


def _feed(
    monitors: Monitors,
    source: Stream,
    many: int,
    run: int,
    draw: random.Random,
    *,
    stop: bool = False,
) -> int:
    """Decisions that were made: all, or up to the alarm."""
    for n in range(1, many + 1):
        outcome = next(source)
        monitors.take_score(outcome.scores[0], f"{run}-{n}", float(n))
        if draw.random() * GRADED < 1:
            monitors.take_outcome(outcome, float(n), f"{run}-{n}")
            if stop and monitors.read().loss.since is not None:
                return n
    return many
