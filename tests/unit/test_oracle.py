"""Kernel and twin agree with an oracle in float64 that shares nothing with them."""

import json
from array import array
from itertools import islice
from math import isfinite

import numpy as np
import pytest
from corpus.make_corpus import corpus
from oracle.labelled import labelled_prompts
from oracle.oracle import Oracle
from random_bundle import random_bundle, random_config, random_tensors

from tiny_dancer.hosts import open_kernel
from tiny_dancer.hosts.package_data import default_bundle
from tiny_dancer.model import read_bundle, write_bundle
from tiny_dancer.policy import Policy
from tiny_dancer.scoring.twin import float32
from tiny_dancer.scoring.twin.scorer import TwinScorer
from tiny_dancer.text import cut

MAX_TOKENS = 512
LOGIT_BOUND = 3e-6
"""Largest difference to float64, times the largest number of the state where that is above 1:
hundreds of equal tokens make a state of 20, and rounding errors grow with it."""
PROBABILITY_BOUND = 2e-6
"""Largest difference to float64 of a probability or a routing score."""

CHUNK = 2_000


class Model:
    """One bundle in the kernel, in the twin and in the oracle."""

    def __init__(self, data: bytes, path) -> None:
        path.write_bytes(data)
        bundle = read_bundle(data)
        self.kernel = open_kernel(bundle, MAX_TOKENS)
        self.twin = TwinScorer(bundle, MAX_TOKENS)
        self.oracle = Oracle(path)
        self.worst = dict.fromkeys(("head_inputs", "logits", "probabilities", "scores"), 0.0)
        self.worst_scaled_logit = 0.0

    def check(self, prompts, twin_every: int = 1) -> None:
        """Compare the scores of prompts; the twin's of every n-th."""
        texts = [cut(prompt)[0] for prompt in prompts]
        answers = self.oracle.answers([text.decode("utf-8", "ignore") for text in texts])
        for at, (text, answer) in enumerate(zip(texts, answers, strict=True)):
            score = self.kernel.score_text(text, head_inputs=True, token_ids=True)
            self._compare(score, answer)
            if at % twin_every == 0:
                assert self.twin.score_text(text, head_inputs=True, token_ids=True) == score

    def _compare(self, score, answer) -> None:
        assert list(score.token_ids) == answer.token_ids
        for name in ("n_seen", "n_unknown", "surprisal"):
            assert getattr(score, name) == getattr(answer, name)
        error = {}
        for name, worst in self.worst.items():
            got = np.array(getattr(score, name), np.float64)
            error[name] = np.abs(got - getattr(answer, name)).max()
            self.worst[name] = max(worst, error[name])
        state = np.abs(answer.head_inputs[: len(self.oracle.u)]).max()
        self.worst_scaled_logit = max(self.worst_scaled_logit, error["logits"] / max(1.0, state))

    def report(self, what: str) -> None:
        """Print the largest differences so far and hold them to the bounds."""
        worst = {**self.worst, "logits over state": self.worst_scaled_logit}
        print(what, ", ".join(f"{name} {value:.1e}" for name, value in worst.items()))
        assert self.worst_scaled_logit <= LOGIT_BOUND
        assert self.worst["probabilities"] <= PROBABILITY_BOUND
        assert self.worst["scores"] <= PROBABILITY_BOUND


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bundles")


@pytest.fixture(scope="module")
def shipped(folder):
    data = default_bundle()
    if data is None:
        pytest.skip("the package holds no bundle yet")
    return Model(data, folder / "shipped.safetensors")


@pytest.fixture(scope="module")
def random_model(folder):
    data = random_bundle(9, v=3_000, h=48, m=3, n=0, spread=0.5)
    return Model(data, folder / "random.safetensors")


def test_corpus_agrees_within_the_bounds(shipped):
    shipped.check([row["prompt"] for row in corpus()])
    shipped.report("corpus:")


@pytest.mark.data
def test_labelled_prompts_agree_within_the_bounds(shipped):
    prompts = (prompt for _, prompt in labelled_prompts())
    while chunk := list(islice(prompts, CHUNK)):
        shipped.check(chunk, twin_every=50)
    shipped.report("labelled prompts and corpus:")


def test_a_random_model_agrees_within_the_bounds(random_model):
    random_model.check([row["prompt"] for row in corpus()[::3]], twin_every=5)
    random_model.report("random model:")


TEXTS = [b"", b"what", b"what is the capital of the theorem?\nA. 1\nB. 2", b"proof " * 300]


def crafted(folder, zeta=0.75, nu=0.125, **tensors):
    """A random model of 16 units and 2 heads with some tensors set to one number each."""
    values = random_tensors(4, n=0)
    for name, value in tensors.items():
        name = name.replace("_", ".", 1)
        shape = values[name][0]
        values[name] = (shape, array("f", [value] * int(np.prod(shape))).tobytes())
    config = random_config(zeta=zeta, nu=nu)
    return Model(write_bundle(values, config, Policy(0.5), {}), folder / "crafted.safetensors")


@pytest.mark.parametrize(
    ("bias", "probability"), [(1e6, 1.0), (18.0, 1.0), (-18.0, 0.0), (-1e6, 0.0)]
)
def test_saturated_heads_are_exactly_zero_or_one(tmp_path, bias, probability):
    model = crafted(tmp_path, head_weights=0.0, head_bias=bias)
    for text in TEXTS:
        score = model.kernel.score_text(text)
        assert score == model.twin.score_text(text)
        assert score.logits == (bias, bias)
        assert score.probabilities == (probability, probability)
        assert score.scores == (0.5 * (1 - probability),) * 2
    model.check([text.decode() for text in TEXTS])
    model.report("saturated heads:")


def test_a_gate_held_open_sums_up_the_candidates(tmp_path):
    # z = 1, c = tanh(8.5): every step adds nu times that, each addition rounded
    model = crafted(tmp_path, cell_u=0.0, token_scales=0.0, cell_bias_z=1e3, cell_bias_h=1e3)
    highest = float32.tanh([8.5])[0]
    for text, n in ((b"what", 1), (b"proof " * 300, 300)):
        score = model.kernel.score_text(text, head_inputs=True)
        assert score == model.twin.score_text(text, head_inputs=True)
        state = 0.0
        for _ in range(n):
            state = float32.scalar(float32.scalar(0.125 * highest) + state)
        assert tuple(score.head_inputs[:16]) == (state,) * 16
    assert abs(highest - 1) <= 3.8e-7


@pytest.mark.parametrize("sign", [1, -1])
def test_a_gate_held_shut_forgets_the_state(tmp_path, sign):
    # z = 0, c = ±tanh(8.5): the state is (nu + zeta) · c after any number of tokens
    model = crafted(
        tmp_path, cell_u=0.0, token_scales=0.0, cell_bias_z=-1e3, cell_bias_h=sign * 1e3
    )
    highest = float32.tanh([sign * 8.5])[0]
    for text in TEXTS[1:]:
        score = model.kernel.score_text(text, head_inputs=True)
        assert score == model.twin.score_text(text, head_inputs=True)
        assert tuple(score.head_inputs[:16]) == (float32.scalar(0.875 * highest),) * 16


@pytest.mark.parametrize("sign", [1, -1])
def test_weights_at_their_bounds_stay_finite(tmp_path, sign):
    model = crafted(
        tmp_path,
        zeta=1.0,
        nu=1.0,
        cell_u=sign * 1e3,
        token_scales=1e3,
        cell_bias_z=1e3,
        cell_bias_h=1e3,
        head_weights=sign * 1e6,
        head_bias=-1e6,
    )
    for text in TEXTS:
        score = model.kernel.score_text(text, head_inputs=True)
        assert score == model.twin.score_text(text, head_inputs=True)
        assert all(map(isfinite, (*score.head_inputs, *score.logits, *score.scores)))


def test_oracle_reads_the_constants_of_the_file(tmp_path):
    model = crafted(tmp_path, zeta=0.5, nu=0.25)
    assert (model.oracle.zeta, model.oracle.nu, model.oracle.lam) == (0.5, 0.25, 0.5)
    assert json.dumps(model.oracle.unknown) == "0"
