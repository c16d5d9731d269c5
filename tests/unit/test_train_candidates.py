# ruff: noqa: E402 (the modules need what importorskip looks for)
"""The candidate scorer's training: no look ahead, texts untouched, the same bytes twice."""

import json
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

for module in ("jax", "optax", "sklearn", "scipy", "tokenizers"):
    pytest.importorskip(module)
np = pytest.importorskip("numpy")

from random_bundle import random_bundle

from tiny_dancer.calibration.probability import calibration_error
from tiny_dancer.model import read_bundle
from tiny_dancer.model.spec import TENSORS
from tiny_dancer.train.candidate_chance import chances, fitted, trial
from tiny_dancer.train.candidate_fit import CandidateRecipe
from tiny_dancer.train.candidate_stream import Prompts, requests, split, stream, unit
from tiny_dancer.train.candidates import added

SUBJECTS = 12


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    """Twelve made-up subjects whose vectors lie about a centre each."""
    rng = np.random.default_rng(1)
    subject = rng.integers(0, SUBJECTS, 1_500)
    vectors = {d: rng.normal(size=(SUBJECTS, d))[subject] for d in (16, 24)}
    noisy = {d: unit(v + rng.normal(0, 1.5, v.shape)) for d, v in vectors.items()}
    return Prompts(
        subject=subject,
        right=(rng.random((1_500, 2)) < (0.5, 0.8)).astype(np.float32),
        held_out=rng.random(1_500) < 0.3,
        last=rng.normal(size=(1_500, 16)).astype(np.float32),
        text=noisy[16],
        sentence=noisy[24],
    )


RECIPE = CandidateRecipe(draws=2, epochs=2, batch=64)


def test_only_earlier_prompts_feed_a_feature(prompts: Prompts) -> None:
    found = stream(prompts, prompts.text, 0, 0)
    count = np.rint(np.expm1(found.frequency.astype(float) * np.log1p(1_000))).astype(int)
    order = np.argsort(count.sum(1))
    assert sorted(count.sum(1)) == list(range(len(order)))  # one prompt more each time
    first = order[0]
    assert not found.frequency[first].any()
    assert (found.success[first] == 0.5).all()
    for before, after in pairwise(order):
        own = prompts.subject[before]
        grown = count[after] - count[before]
        assert grown[own] == 1 and grown.sum() == 1
        good = found.success[after, own] * count[after, own]
        earlier = found.success[before, own] * count[before, own]
        assert good - earlier == pytest.approx(found.label[before], abs=1e-3)


def test_the_own_specialist_is_first_and_no_candidate_comes_twice(prompts: Prompts) -> None:
    train, held = split(prompts, 0)
    assert set(train) | set(held) == set(range(SUBJECTS)) and not set(train) & set(held)
    found = stream(prompts, prompts.text, 0, 0)
    found.similarity[:] = np.arange(SUBJECTS)  # names the candidate
    rows = np.flatnonzero(np.isin(prompts.subject, train))
    asked = requests(prompts, found, rows, train, len(train), np.random.default_rng(0))
    chosen = asked.features[..., 0].astype(int)
    assert (chosen[:, 0] == prompts.subject[rows]).all()
    assert (np.sort(chosen, axis=1) == train).all()
    assert (asked.labels[:, 1:] == 0).all()


@pytest.fixture(scope="module")
def bundles(prompts: Prompts) -> tuple[bytes, bytes]:
    plain = random_bundle(5)
    return plain, added(plain, prompts, lambda line: None, RECIPE)


def test_texts_are_decided_by_the_same_bytes(bundles: tuple[bytes, bytes]) -> None:
    before, after = map(read_bundle, bundles)
    for name in TENSORS:
        assert bytes(before.tensors[name]) == bytes(after.tensors[name])
    assert after.policy.threshold == before.policy.threshold
    assert before.config.candidate is None and after.config.candidate is not None
    assert after.provenance["seed"] == before.provenance["seed"]


def test_the_same_arguments_give_the_same_bytes(
    prompts: Prompts, bundles: tuple[bytes, bytes]
) -> None:
    plain, fitted = bundles
    assert added(plain, prompts, lambda line: None, RECIPE) == fitted
    assert added(fitted, prompts, lambda line: None, RECIPE) == fitted  # an old group gives way


def test_one_request_in_ten_lacks_its_specialist_and_the_others_hold_it_once(
    prompts: Prompts,
) -> None:
    _, held = split(prompts, 0)
    found = stream(prompts, prompts.text, 0, 0)
    rows = np.flatnonzero(np.isin(prompts.subject, held))
    one = trial(prompts, found, rows, held, 2, np.random.default_rng(3))
    assert one.asked.features.shape[:2] == one.fits.shape == (len(rows), 2)
    assert (one.fits.sum(1) <= 1).all()
    assert 0.05 < 1 - one.fits.any(1).mean() < 0.2  # .1; the deviation at some 500 rows is .013


def test_fitted_chances_are_calibrated_where_the_logits_are_likelihood_ratios() -> None:
    rng = np.random.default_rng(5)
    trials = []
    for n in (2, 5, 8):
        fits = np.zeros((4_000, n), bool)
        fits[:, 0] = rng.random(4_000) > 0.1
        x = rng.normal(size=fits.shape) + 1.5 * fits  # log likelihood ratio: 1.5 x − 1.125
        asked = SimpleNamespace(live=np.ones_like(fits))
        trials.append((SimpleNamespace(asked=asked, fits=fits), x))
    factor, shift = fitted(trials)
    # The standard errors at 12,000 requests are near .02.
    assert (factor, shift) == pytest.approx((1.5, -1.125), abs=0.1)
    for one, x in trials:
        p = chances(factor * x + shift, one.asked.live)
        assert calibration_error(p.ravel(), one.fits.ravel()) < 0.02


def test_the_tables_in_the_docs_are_those_of_the_results_file() -> None:
    from tiny_dancer.train.candidate_report import renewed, shipped

    docs = Path(__file__).parents[2] / "docs"
    found = json.loads((docs / "results" / "candidates.json").read_text())
    page = (docs / "candidates.md").read_text(encoding="utf-8")
    assert renewed(page, found) == page
    data = Path(__file__).parents[2] / "py/tiny_dancer/data/default.safetensors"
    assert found["shipped"] == pytest.approx(shipped(read_bundle(data.read_bytes())), abs=1e-4)
