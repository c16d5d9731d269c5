"""What certificates buy: light share and net saving by target and number of outcomes.

Beside each certificate stands what is usual in its place, a threshold chosen by point estimate: on
a benchmark (RouteLLM, Ong et al. 2024, calibrates its threshold on one so), and on the very
outcomes that the certificate rests on.
"""

import random
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any, Final

from ...calibration.calibrate import calibrate
from ...calibration.paired_outcome import PairedOutcome
from ...errors import NotEnoughData
from ...policy import Target
from .truth import Truth

NUMBERS: Final = (100, 300, 1000, 3000)
TARGETS: Final = tuple(
    [Target("quality_kept", q) for q in (0.90, 0.95, 0.98)]
    + [
        Target(rate, alpha)
        for rate in ("regret", "joint", "selective", "missed_failures")
        for alpha in (0.01, 0.02, 0.05, 0.10)
    ]
)
DELTA: Final = 0.05
LIGHT_PRICE: Final = 0.1
"""Of a light answer, that of a powerful one being 1."""
JUDGE_PRICE: Final = 2.0
"""Of grading a pair: one call in each order, as dear as a powerful answer each."""
REQUESTS: Final = 100_000
"""Over which the pairs are paid for."""


def study_pool(
    pool: Sequence[PairedOutcome],
    benchmark: Sequence[PairedOutcome],
    repetitions: int,
    progress: Callable[[str], None],
) -> list[dict[str, Any]]:
    """A row for each target and number of outcomes, over samples drawn with replacement.

    Args:
        pool: whose rates are the truth.
        benchmark: outcomes elsewhere, for the threshold that is usual.
        repetitions: samples of each size.
        progress: told what is done.
    """
    truth, usual = Truth(pool), Truth(benchmark)
    fixed = {target: usual.find_highest(target) for target in TARGETS}
    best = {target: truth.find_highest(target) for target in TARGETS}
    outside = [o.scores[0] for o in benchmark]
    rows = []
    for n in NUMBERS:
        draw = random.Random(n)
        samples = [draw.choices(pool, k=n) for _ in range(repetitions)]
        seen = [Truth(sample) for sample in samples]
        for target in TARGETS:
            rows.append(
                {
                    "measure": target.measure,
                    "value": target.value,
                    "n": n,
                    "attainable": truth.light_share(best[target]),
                    "certified": _certify(samples, target, truth, outside),
                    "point": _describe([s.find_highest(target) for s in seen], target, truth, n),
                    "benchmark": _describe([fixed[target]], target, truth, 0),
                }
            )
        progress(f"{n} outcomes")
    return rows


def _certify(
    samples: Sequence[Sequence[PairedOutcome]], target: Target, truth: Truth, outside: list[float]
) -> dict[str, Any]:
    thresholds, refused = [], 0
    for sample in samples:
        try:
            policy = calibrate(
                sample,
                target,
                bundle_hash="b" * 64,
                date="2026-01-31",
                delta=DELTA,
                outside=outside,
            )
        except NotEnoughData:
            refused += 1
            thresholds.append(-2.0)
        else:
            thresholds.append(policy.threshold)
    return {"refused": refused, **_describe(thresholds, target, truth, len(samples[0]))}


def _describe(
    thresholds: Sequence[float], target: Target, truth: Truth, pairs: int
) -> dict[str, Any]:
    """Means over the samples, and the middle nine tenths of the light share and the truth."""
    shares = sorted(truth.light_share(t) for t in thresholds)
    values = sorted(truth.value(target.measure, t) for t in thresholds)
    tenth = len(shares) // 20
    paid = pairs * (LIGHT_PRICE + JUDGE_PRICE) / REQUESTS
    return {
        "light_share": fmean(shares),
        "light_interval": [shares[tenth], shares[-1 - tenth]],
        "net_saving": fmean(shares) * (1 - LIGHT_PRICE) - paid,
        "value": fmean(values),
        "value_interval": [values[tenth], values[-1 - tenth]],
        "missed": sum(not truth.holds(target, t) for t in thresholds),
        "samples": len(thresholds),
    }
