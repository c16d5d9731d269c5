# ruff: noqa: E402 (the modules need what importorskip looks for)
"""Assumed requests in training: their families stay together, and small talk counts."""

import pytest

np = pytest.importorskip("numpy")
for name in ("jax", "optax", "scipy", "sklearn", "tokenizers"):
    pytest.importorskip(name)

from tiny_dancer.train import prepared as room
from tiny_dancer.train.corpora import corpus, targets
from tiny_dancer.train.everyday import SMALL_TALK, SMALL_TALK_WEIGHT, assumed, corpus_rows
from tiny_dancer.train.fit import Targets
from tiny_dancer.train.labels import LabelledPrompts
from tiny_dancer.train.prepared import Prepared
from tiny_dancer.train.recipe import Recipe
from tiny_dancer.train.vocabulary import build

WORDS = ["red", "green", "blue", "one", "two", "three", "four", "five", "six", "seven"]
FAMILIES = 20


def test_an_assumed_request_comes_with_its_family_and_small_talk_counts_more() -> None:
    written = corpus_rows(held_out=False)
    found = assumed(["one source", "another"])
    last = found.take(np.arange(len(found) - len(written), len(found)))
    assert last.prompts == tuple(request.text for request in written)
    assert last.subjects == tuple(request.family for request in written)
    heavy = [request.kind in SMALL_TALK for request in written]
    assert (last.weight == np.where(heavy, SMALL_TALK_WEIGHT, 1)).all()
    assert any(heavy) and not all(heavy)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    """160 exam prompts that are hard where they say "red", and 60 assumed requests, all light."""
    rng = np.random.default_rng(0)
    prompts = tuple(" ".join(rng.choice(WORDS, 4, replace=False)) for _ in range(220))
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = build([*letters, *(f"##{c}" for c in letters), *WORDS], prompts, 63)
    right = np.array([["red" not in p, 1.0] for p in prompts], "f")
    labels = LabelledPrompts(prompts, right, ("",) * 220, ("exam",) * 220, np.ones(220, "f"))
    c = corpus(labels, np.arange(160), np.zeros(0, np.int64), vocabulary)
    goal = targets(c, right, RECIPE)
    value = goal.value.copy()
    value[160:220], value[380:] = (0.98, 0.99), (0.98, 0.99)
    families = tuple(f"family {k % FAMILIES}" for k in range(60))
    static = rng.normal(size=(63, 24)).astype("f")
    goal = Targets(value, goal.weight, goal.group)
    return Prepared(c, goal, np.arange(160, 220), vocabulary, static, families)


RECIPE = Recipe(hidden=16, epochs=2, batch=32, learning_rate=0.02)


def test_no_stem_and_no_family_is_both_trained_on_and_calibrated_on(prepared, monkeypatch) -> None:
    fitted, judged = [], []
    fit, inputs = room.fit, room.inputs

    def record_fit(data, targets, rows, *rest):
        fitted.append(rows)
        return fit(data, targets, rows, *rest)

    def record_inputs(network, data, rows):
        judged.append(rows)
        return inputs(network, data, rows)

    monkeypatch.setattr(room, "fit", record_fit)
    monkeypatch.setattr(room, "inputs", record_inputs)
    prepared.fit_and_calibrate(RECIPE, lambda line: None)

    def names(rows):
        rows = rows % 220
        prompts = {prepared.corpus.labels.prompts[i] for i in rows if i < 160}
        return prompts, {prepared.families[i - 160] for i in rows if i >= 160}

    trained, calibrated = names(fitted[0]), names(judged[0])
    assert not trained[0] & calibrated[0] and not trained[1] & calibrated[1]
    assert len(calibrated[0]) > 20 and 2 <= len(calibrated[1]) < FAMILIES
    assert len(trained[1] | calibrated[1]) == FAMILIES


def test_what_is_assumed_of_requests_calibrates_the_heads(prepared, monkeypatch) -> None:
    seen = []
    calibrator = room.calibrator

    def record(logits, cues, right):
        seen.append(right)
        return calibrator(logits, cues, right)

    monkeypatch.setattr(room, "calibrator", record)
    prepared.fit_and_calibrate(RECIPE, lambda line: None)
    (right,) = seen
    requests = np.isclose(right[:, 0], 0.98)
    assert 0 < requests.sum() < len(right)
    assert set(np.unique(right[~requests])) == {0.0, 1.0}
