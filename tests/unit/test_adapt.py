"""Heads re-fitted to labels: the optimum, when they are kept, and what the new bundle holds."""

import dataclasses
import math
import random

import pytest
from random_bundle import random_bundle

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.adapt import Labels, adapt
from tiny_dancer.adapt.regression import HOLDS_SCALE, HOLDS_SHIFT, Sample, loss, scaling, sigmoid
from tiny_dancer.model import read_bundle

BUNDLE_FILE = random_bundle(3, m=2, v=400)
BUNDLE = read_bundle(BUNDLE_FILE)
WORDS = "what is the of and to in for proof theorem capital".split()


def labels(n, fails, seed=0, models=("light", "powerful")):
    """n prompts of six words and a number; the light model fails where `fails` says so."""
    draw = random.Random(seed)
    prompts = [" ".join([*draw.choices(WORDS, k=6), str(i)]) for i in range(n)]
    rows = tuple((float(not fails(p, draw)), *[1.0] * (len(models) - 1)) for p in prompts)
    return Labels(tuple(models), tuple(prompts), rows, ("",) * n, (1.0,) * n, "0" * 64)


def on_theorem(prompt, draw):
    return "theorem" in prompt


@pytest.fixture(scope="module")
def adapted():
    return adapt(BUNDLE, labels(160, on_theorem))


def test_the_regression_finds_the_optimum_of_scipy():
    np = pytest.importorskip("numpy")
    optimize = pytest.importorskip("scipy.optimize")
    draw = random.Random(1)
    rows = [[draw.gauss(0, 1), 1.0, *(draw.gauss(0, 1) for _ in range(5))] for _ in range(80)]
    right = [float(draw.random() < sigmoid(row[0] - row[3])) for row in rows]
    weights = [draw.uniform(0.5, 2) for _ in rows]
    hold = np.array([HOLDS_SCALE, HOLDS_SHIFT] + [3.0] * 5)
    prior = np.array([1.0] + [0.0] * 6)

    def objective(c):
        lost = sum(
            w * loss(float(np.dot(row, c)), y)
            for row, y, w in zip(rows, right, weights, strict=True)
        )
        return lost + 0.5 * float((hold * (c - prior) ** 2).sum())

    best = optimize.minimize(objective, prior, tol=1e-10)
    # The iteration stops at steps below 1e-3.
    assert Sample(rows, right, weights).fit(3.0) == pytest.approx(best.x, abs=5e-3)


def test_without_evidence_the_prior_stays():
    assert Sample([[1.5, 1.0, 0.3]], [1.0], [0.0]).fit(30.0) == pytest.approx([1, 0, 0])


def test_scaling_leaves_out_what_never_varies():
    scale = scaling([[1.0, 5.0], [3.0, 5.0]])
    assert scale.of([4.0, 7.0]) == [2.0, 0.0]


def test_a_loss_is_that_of_the_logistic_function():
    for z in (-40.0, -1.0, 0.0, 2.0):
        assert loss(z, 1.0) == pytest.approx(-math.log(sigmoid(z)))
        assert loss(z, 0.0) == pytest.approx(-math.log(1 - sigmoid(z)), abs=1e-12)


def test_heads_that_win_are_kept_and_decide(adapted):
    assert adapted.kept
    assert adapted.new.log_loss < adapted.old.log_loss
    assert adapted.new.apgr > max(adapted.old.apgr, 0.7)
    router = Router(model=adapted.bundle)
    probability = lambda text: router.route(text).probabilities[0]  # noqa: E731
    assert probability("what is the theorem of the theorem") < 0.5
    assert probability("what is the capital of the capital") > 0.5


def test_calibration_and_policy_come_from_the_labels(adapted):
    new = read_bundle(adapted.bundle)
    assert adapted.recalibrated
    assert new.sizes["N"] == 160
    assert new.policy.estimate.n == 160
    assert new.policy.estimate.quality_kept >= 0.95
    assert new.provenance["adapted"]["from"] == BUNDLE.bundle_hash
    for name in ("token.rows", "cell.u", "vocab.strings"):
        assert bytes(new.tensors[name]) == bytes(BUNDLE.tensors[name])


def test_few_labels_leave_calibration_and_policy(adapted):
    result = adapt(BUNDLE, labels(60, on_theorem))
    assert result.kept
    assert not result.recalibrated
    new = read_bundle(result.bundle)
    assert bytes(new.tensors["calibration.score"]) == bytes(BUNDLE.tensors["calibration.score"])
    assert new.policy.threshold == BUNDLE.policy.threshold


def test_heads_that_do_not_win_are_not_kept():
    """Where labels fall as the old heads say, nothing can be learned."""
    router, draw = Router(model=BUNDLE_FILE), random.Random(2)
    known = labels(60, on_theorem)
    fallen = tuple(
        tuple(float(draw.random() < p) for p in router.route(text).probabilities)
        for text in known.prompts
    )
    result = adapt(BUNDLE, dataclasses.replace(known, quality=fallen))
    assert result.new.log_loss > result.old.log_loss
    assert not result.kept
    assert result.bundle is None


def test_adapting_twice_gives_the_same_bytes(adapted):
    assert adapt(BUNDLE, labels(160, on_theorem)).bundle == adapted.bundle


def test_any_number_of_models():
    names = ("tiny", "middle", "large")
    bundle = read_bundle(random_bundle(3, m=3, v=400))
    result = adapt(bundle, labels(120, on_theorem, models=names))
    assert result.kept
    assert read_bundle(result.bundle).config.models == bundle.config.models


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(InvalidInputError, match=r"3 models \(a, b, c\), the bundle 2"):
        adapt(BUNDLE, labels(30, on_theorem, models=("a", "b", "c")))
    with pytest.raises(InvalidInputError, match="at least 20 different questions"):
        adapt(BUNDLE, labels(19, on_theorem))


def test_models_of_the_same_names_are_matched_by_name():
    forward = labels(40, on_theorem)
    backward = forward.ordered(("powerful", "light"))
    assert adapt(BUNDLE, backward).old == adapt(BUNDLE, forward).old
