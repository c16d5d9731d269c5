# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Bundles from labels of one's own: what they learn, what fixes their bytes, what is refused."""

import dataclasses
import random

import pytest
from random_bundle import random_bundle

np = pytest.importorskip("numpy")
pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tokenizers")

from tiny_dancer import InvalidInputError, Router
from tiny_dancer.adapt import Labels
from tiny_dancer.evaluate.bundle import evaluate
from tiny_dancer.model import read_bundle
from tiny_dancer.train.user import recipe, train_labels

START = read_bundle(random_bundle(3, v=400, spread=0.3))
WORDS = "what is the of and to in for proof theorem capital quasar".split()
MODELS = ("tiny", "middle", "large")
RECIPE = dataclasses.replace(recipe(epochs=20, hidden=16), learning_rate=0.02)


def labels(n, seed=0, **changed):
    """Prompts of six words and a number; tiny fails on a proof and a theorem, middle on both."""
    draw = random.Random(seed)
    prompts = tuple(" ".join([*draw.choices(WORDS, k=6), str(i)]) for i in range(n))
    rows = tuple(
        (
            float("theorem" not in p and "proof" not in p),
            float(not ("theorem" in p and "proof" in p)),
            1.0,
        )
        for p in prompts
    )
    return dataclasses.replace(
        Labels(MODELS, prompts, rows, ("",) * n, (1.0,) * n, "0" * 64), **changed
    )


@pytest.fixture(scope="module")
def lines():
    return []


@pytest.fixture(scope="module")
def bundle(lines):
    return train_labels(labels(400), START, RECIPE, progress=lines.append)


def test_three_models_are_told_apart_on_prompts_never_seen(bundle):
    facts = evaluate(read_bundle(bundle), labels(200, seed=9)).facts
    assert facts["models"]["tiny"]["auc"] > 0.95
    assert facts["routing"]["apgr"] > 0.6  # tiny fails on 7 of 10: a perfect order has 0.65
    assert min(facts["kept"]["0.98"]["share"].values()) > 0.02  # each of the three has its use


def test_a_router_chooses_among_three(bundle):
    router = Router(model=bundle)
    easy = router.route("what is the capital of the 7")
    hard = router.route("theorem proof theorem proof theorem 7")
    assert easy.model in MODELS[:2]
    assert hard.model in MODELS[1:]
    assert easy.probabilities[0] > hard.probabilities[0]


def test_the_same_seed_gives_the_same_bytes(bundle):
    assert train_labels(labels(400), START, RECIPE) == bundle


def test_another_seed_gives_other_bytes(bundle):
    other = train_labels(labels(400), START, dataclasses.replace(RECIPE, seed=1))
    assert other != bundle


def test_the_bundle_tells_where_it_comes_from(bundle):
    found = read_bundle(bundle)
    told = found.provenance
    assert found.config.models == MODELS
    assert told["labels"] == {"sha256": "0" * 64, "rows": 400}
    assert told["trained_on"] + told["stopped_by"] + told["held_out"] == 400
    assert told["held_out"] == found.sizes["N"] == found.policy.estimate.n
    assert told["started_from"] == START.bundle_hash
    assert found.policy.target.value == 0.95


def test_training_ends_where_it_does_not_help_any_more(lines):
    random_answers = random.Random(1)
    noise = tuple((float(random_answers.random() < 0.5), 0.5, 1.0) for _ in range(250))
    seen = []
    many = dataclasses.replace(RECIPE, epochs=200)
    train_labels(labels(250, quality=noise), START, many, progress=seen.append)
    assert sum(line.startswith("epoch") for line in seen) < 100
    assert any("the least so far" in line for line in lines)


def test_the_vocabulary_takes_in_the_users_words():
    found = read_bundle(train_labels(labels(250), START, RECIPE, vocabulary=150))
    assert found.sizes["V"] == 150
    assert ("quasar", 0) in [(text, flags & 1) for text, flags in found.vocabulary()]
    assert ("quasar", 0) not in [(text, flags & 1) for text, flags in START.vocabulary()]


def test_another_size_of_network_starts_from_the_table_alone():
    wide = dataclasses.replace(RECIPE, hidden=32, epochs=1)
    assert read_bundle(train_labels(labels(220), START, wide)).sizes["H"] == 32


def test_rows_of_weight_zero_are_left_out():
    weights = (1.0,) * 260 + (0.0,) * 40
    found = read_bundle(train_labels(labels(300, weights=weights), START, RECIPE))
    told = found.provenance
    assert told["trained_on"] + told["stopped_by"] + told["held_out"] == 260


def test_a_faultless_order_does_not_make_the_heads_sure_of_everything(bundle):
    found = evaluate(read_bundle(bundle), labels(200, seed=9)).bins
    assert all(0.001 < b.mean < 0.999 for bins in found[:2] for b in bins)


def test_too_few_questions_are_refused():
    with pytest.raises(InvalidInputError, match=r"200 different questions .* there are 199"):
        train_labels(labels(199), START, RECIPE)


def test_one_class_is_refused():
    always = tuple((1.0, 1.0, 1.0) for _ in range(250))
    with pytest.raises(InvalidInputError, match=r"at least 10 prompts that tiny.*fails on.*are 0"):
        train_labels(labels(250, quality=always), START, RECIPE)
