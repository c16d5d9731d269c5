"""What a certificate promises is kept: on a simulation, and on labelled prompts (marked data).

Every tolerance is the binomial's upper 1e-3 quantile of the number of failures at delta, so that a
right bound passes for all but one seed in a thousand.
"""

import math
import os
import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import pytest

from tiny_dancer.calibration import bound
from tiny_dancer.calibration.calibrate import calibrate
from tiny_dancer.calibration.conformal import Calibration
from tiny_dancer.calibration.paired_outcome import PairedOutcome
from tiny_dancer.errors import NotEnoughData
from tiny_dancer.policy import Target

stats = pytest.importorskip("scipy.stats")

DELTA = 0.1
MADE = {"bundle_hash": "b" * 64, "date": "2026-01-31", "delta": DELTA}
GOALS = [
    Target("quality_kept", 0.95),
    Target("joint", 0.1),
    Target("regret", 0.05),
    Target("missed_failures", 0.2),
    Target("selective", 0.2),
]


def world(n: int, draw: random.Random) -> list[PairedOutcome]:
    """Prompts of a difficulty: light right on 71 %, powerful on 93 %, AUC of light .74."""
    found = []
    for _ in range(n):
        difficulty = draw.gauss(0, 1)
        p = 1 / (1 + math.exp(-(math.log(0.72 / 0.28) * 1.15 - difficulty)))
        light = float(draw.random() < p)
        powerful = float(draw.random() < (0.975 if light else 0.82))
        score = max(-2.0, min(difficulty / 4, 2.0))
        found.append(PairedOutcome((score,), (light, powerful)))
    return found


class Truth:
    """What every threshold does to a whole population."""

    def __init__(self, population: Sequence[PairedOutcome]) -> None:
        rows = sorted((o.scores[0], *o.quality) for o in population)
        self.score = [s for s, _, _ in rows]
        n = len(rows)
        failed = list(accumulate((float(light < 0.5) for _, light, _ in rows), initial=0.0))
        lost = list(accumulate((max(0.0, p - q) for _, q, p in rows), initial=0.0))
        gain = list(accumulate((q - p for _, q, p in rows), initial=0.0))
        total = sum(p for _, _, p in rows)
        self.values = {
            "quality_kept": [(total + g) / total for g in gain],
            "joint": [f / n for f in failed],
            "regret": [x / n for x in lost],
            "missed_failures": [f / failed[-1] for f in failed],
            "selective": [f / max(k, 1) for k, f in enumerate(failed)],
        }

    def holds(self, target: Target, threshold: float) -> bool:
        value = self.values[target.measure][bisect_right(self.score, threshold)]
        return value >= target.value if target.measure == "quality_kept" else value <= target.value

    def light_share(self, threshold: float) -> float:
        return bisect_right(self.score, threshold) / len(self.score)

    def attainable(self, target: Target) -> float:
        """The largest light share at which the target holds."""
        return max(self.light_share(s) for s in (-3.0, *self.score) if self.holds(target, s))


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(world(100_000, random.Random(0)))


def failures(
    truth: Truth, samples: Sequence[Sequence[PairedOutcome]], target: Target, **options: object
) -> int:
    """In how many samples the certified threshold breaks the target."""
    broken = 0
    for sample in samples:
        try:
            policy = calibrate(sample, target, **{**MADE, **options})
        except NotEnoughData:
            continue
        broken += not truth.holds(target, policy.threshold)
    return broken


def tolerated(count: int, delta: float = DELTA) -> int:
    return int(stats.binom.ppf(0.999, count, delta))


@pytest.mark.parametrize("target", GOALS, ids=lambda t: t.measure)
def test_a_certified_target_holds_in_all_but_delta_of_the_samples(truth, target):
    draw = random.Random(1)
    samples = [world(300, draw) for _ in range(200)]
    outside = [o.scores[0] for o in world(2_000, draw)]
    assert failures(truth, samples, target, outside=outside) <= tolerated(200)


@pytest.mark.parametrize("name", ["clopper-pearson", "hoeffding-bentkus"])
def test_the_bounds_for_one_look_hold_too(truth, name):
    draw = random.Random(2)
    samples = [world(300, draw) for _ in range(200)]
    outside = [o.scores[0] for o in world(2_000, draw)]
    for target in GOALS[1:]:
        assert failures(truth, samples, target, bound=name, outside=outside) <= tolerated(200)


def test_conformal_risk_control_keeps_a_rate_on_average(truth):
    draw, values = random.Random(3), []
    target = Target("joint", 0.1)
    for _ in range(300):
        policy = calibrate(world(200, draw), target, bound="conformal risk control", **MADE)
        values.append(truth.values["joint"][bisect_right(truth.score, policy.threshold)])
    mean = sum(values) / len(values)
    error = math.sqrt(sum((v - mean) ** 2 for v in values)) / len(values)
    assert 0.09 < mean < target.value + 3 * error


def test_looking_after_every_hundred_outcomes_breaks_the_target_no_more_often(truth):
    draw, target, broken = random.Random(4), GOALS[0], 0
    for _ in range(80):
        sample = world(1_000, draw)
        looks = [sample[:n] for n in range(100, 1_001, 100)]
        broken += failures(truth, looks, target) > 0
    assert broken <= tolerated(80)


def test_most_of_a_thousand_pairs_certify_half_of_what_is_attainable(truth):
    # A calibrator that always refuses is valid: this is what it is good for.
    draw, target = random.Random(5), Target("quality_kept", 0.95)
    best = truth.attainable(target)
    assert best == pytest.approx(0.48, abs=0.02)
    shares = []
    for _ in range(50):
        policy = calibrate(world(1_000, draw), target, **{**MADE, "delta": 0.05})
        shares.append(truth.light_share(policy.threshold))
    assert sum(share >= best / 2 for share in shares) >= 40


def test_a_broken_bound_is_found_out(truth, monkeypatch):
    # The sign of the smallest bet's gain is that of the mean margin: a point estimate, no bound.
    monkeypatch.setattr(bound.BettingBound, "holds", lambda self: self._capital.logs[-1] > 0)
    draw = random.Random(6)
    samples = [world(300, draw) for _ in range(100)]
    assert failures(truth, samples, GOALS[0]) > tolerated(100)


def test_p_values_cover_either_class_as_promised():
    # Mondrian coverage at level .90 over 400 draws of 200 rows and one new prompt of each class.
    draw, missed = random.Random(7), {True: 0, False: 0}
    for _ in range(400):
        rows = [(p := draw.random(), draw.random() < p) for _ in range(200)]
        table = Calibration(rows, [(0.0, 1.0)] * 201)
        for works in (True, False):
            while ((p := draw.random()) > draw.random()) != works:
                pass
            name = "works" if works else "fails"
            missed[works] += name not in table.prediction_set(p, 0.90)
    for count in missed.values():
        assert stats.binom.ppf(0.0005, 400, 0.09) <= count <= tolerated(400)


def test_p_values_are_those_of_crepes_without_smoothing():
    np = pytest.importorskip("numpy")
    crepes = pytest.importorskip("crepes")
    draw = random.Random(8)
    rows = [(round(p := draw.random(), 2), draw.random() < p) for _ in range(300)]
    table = Calibration(rows, [(0.0, 1.0)] * 201)
    # Nonconformity: 1 - p of "works", p of "fails"; a bin for each class.
    alphas = np.array([1 - p if works else p for p, works in rows])
    fitted = crepes.ConformalClassifier().fit(alphas, bins=np.array([int(w) for _, w in rows]))
    asked = np.round(np.arange(101) / 100, 2)
    ours = {0: table.uncertainty, 1: table.p_works}
    for works, alpha in ((0, asked), (1, 1 - asked)):
        theirs = fitted.predict_p(alpha[:, None], bins=np.full(len(asked), works), smoothing=False)
        assert theirs[:, 0].tolist() == pytest.approx([ours[works](p) for p in asked.tolist()])


def pools() -> dict[str, list[PairedOutcome]]:
    """Prompts that the shipped bundle never saw, scored by it: held-out stems and other sources."""
    from tiny_dancer.evaluate.quality.parts import NEVER_TRAINED
    from tiny_dancer.hosts import open_kernel
    from tiny_dancer.hosts.package_data import default_bundle
    from tiny_dancer.model import read_bundle
    from tiny_dancer.text import cut
    from tiny_dancer.train.labels import read_folder

    bundle = read_bundle(default_bundle())
    score = list(bundle.tensors["calibration.score"])
    levels = list(bundle.tensors["calibration.quality"])
    found = {
        "held out": [
            PairedOutcome((s,), (a / 255, b / 255))
            for s, a, b in zip(score, levels[::2], levels[1::2], strict=True)
        ]
    }
    scorer = open_kernel(bundle, 512)
    data = read_folder(Path(os.environ["TINY_DANCER_DATA"]))
    for source in NEVER_TRAINED:
        part = data.take(data.of_source(source))
        found[source] = [
            PairedOutcome((scorer.score_text(cut(prompt)[0]).scores[0],), tuple(quality))
            for prompt, quality in zip(part.prompts, part.quality.tolist(), strict=True)
        ]
    return found


@pytest.mark.data
@pytest.mark.parametrize("count", [100, pytest.param(1_000, marks=pytest.mark.full)])
def test_a_certified_target_holds_on_labelled_prompts(count, record_property):
    if not os.environ.get("TINY_DANCER_DATA"):
        pytest.skip("TINY_DANCER_DATA is not set")
    for name, pool in pools().items():
        draw, whole = random.Random(9), Truth(pool)
        outside = [o.scores[0] for o in draw.choices(pool, k=1_000)]
        samples = [draw.choices(pool, k=300) for _ in range(count)]
        for target in GOALS:
            broken = failures(whole, samples, target, outside=outside)
            record_property(f"{name}, {target.measure}: failures of {count}", broken)
            assert broken <= tolerated(count), (name, target)
