# ruff: noqa: E402 (the modules need what importorskip looks for)
"""The network in JAX: its arithmetic, what it learns, and that a seed fixes it."""

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tokenizers")

from tiny_dancer.train.encoded import encoded
from tiny_dancer.train.fit import Targets, fit, folded_heads, inputs
from tiny_dancer.train.recipe import Recipe
from tiny_dancer.train.vocabulary import build

WORDS = ["red", "green", "blue", "one", "two", "three", "four", "five", "six", "seven"]
RECIPE = Recipe(hidden=16, epochs=30, batch=16, learning_rate=0.02, token_dropout=0.0)


@pytest.fixture(scope="module")
def world():
    """Prompts of three words; light fails exactly where the prompt says "red"."""
    rng = np.random.default_rng(0)
    prompts = [" ".join(rng.choice(WORDS, 3, replace=False)) for _ in range(160)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = build([*letters, *(f"##{c}" for c in letters), *WORDS], prompts, 63)
    data = encoded(vocabulary, prompts)
    right = np.array([["red" not in p, 1.0] for p in prompts], "f")
    targets = Targets(right, np.ones(160, "f"), np.arange(160) % 2)
    static = rng.normal(size=(63, 24)).astype("f")
    return data, targets, static


@pytest.fixture(scope="module")
def network(world):
    data, targets, static = world
    return fit(data, targets, np.arange(120), static, RECIPE)


def test_head_inputs_equal_a_plain_loop(world, network) -> None:
    data, _, _ = world
    p = network.parameters
    sigmoid = lambda x: 1 / (1 + np.exp(-np.asarray(x, np.float64)))  # noqa: E731
    u, zeta, nu = np.asarray(p.u, np.float64), sigmoid(p.zeta), sigmoid(p.nu)
    got = inputs(network, data, np.arange(10))
    for row in range(10):
        h, total = np.zeros(16), np.zeros(16)
        for token in data.ids[row]:
            a = network.rows[token] + h @ u
            z = sigmoid(a + p.bias_z)
            h = (zeta * (1 - z) + nu) * np.tanh(a + np.asarray(p.bias_h)) + z * h
            total += h
        want = np.concatenate([h, total / len(data.ids[row]), data.cues[row]])
        # A few dozen f32 operations on numbers below 2.
        assert got[row] == pytest.approx(want, abs=1e-5)


def test_unseen_prompts_are_told_apart(world, network) -> None:
    data, targets, _ = world
    heads, bias = folded_heads(network, 0)
    rest = np.arange(120, 160)
    logits = (inputs(network, data, rest) @ heads + bias)[:, 0]
    works = targets.value[rest, 0] > 0
    assert logits[works].min() > logits[~works].max()


def test_the_same_seed_gives_the_same_network(world, network) -> None:
    data, targets, static = world
    again = fit(data, targets, np.arange(120), static, RECIPE)
    assert again.rows.tobytes() == network.rows.tobytes()
    assert folded_heads(again)[0].tobytes() == folded_heads(network)[0].tobytes()
