"""Fitting the network to targets by AdamW, and running it over prompts."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from ..model.spec import CUES
from .encoded import Encoded, Index, batches, steps
from .network import Floats, Parameters, head_inputs, initial, principal, table
from .recipe import Recipe

Progress = Callable[[str], None]
_ADAM = optax.chain(optax.clip_by_global_norm(1.0), optax.scale_by_adam())
_WARM_UP, _FLOOR = 0.05, 0.02


@dataclass(frozen=True)
class Targets:
    """What the heads should say, a row a prompt."""

    value: Floats
    """[N, M] probabilities: labels, or labels mixed with a teacher's."""
    weight: Floats
    """[N]"""
    group: npt.NDArray[np.int64]
    """[N] number of the source, 0 … G−1."""


@dataclass(frozen=True)
class Network:
    """A fitted network: parameters, and the scaling of its cues."""

    parameters: Parameters
    rows: Floats
    """[V, H] the token table P."""
    cue_mean: Floats
    cue_scale: Floats
    """[16] the heads were fitted to (cue − mean) / scale."""
    length_cues: bool = True


def fit(
    data: Encoded,
    targets: Targets,
    rows: Index,
    static: Floats,
    recipe: Recipe,
    progress: Progress = lambda line: None,
    start: Parameters | None = None,
    enough: Callable[[Network], bool] = lambda network: False,
    mask: Parameters | None = None,
) -> Network:
    """Fit to the given rows; `static` [V, E] is the embedding that the table starts from.

    `start` takes the place of `initial`; its projection is of `principal(static)`. `enough` is
    asked after each epoch whether to stop. Where `mask` is zero, a parameter stays zero.
    """
    groups = int(targets.group.max()) + 1
    rates = np.full((groups, targets.value.shape[1]), 0.5)
    for g in range(groups):
        inside = rows[targets.group[rows] == g]
        if len(inside):
            rates[g] = np.average(targets.value[inside], 0, targets.weight[inside])
    base = principal(static)
    p = start or initial(base, recipe.hidden, rates, recipe.seed)
    mean, scale = data.cues[rows].mean(0), data.cues[rows].std(0) + 1e-3
    cues = (data.cues - mean) / scale
    rng, key = np.random.default_rng(recipe.seed), jax.random.PRNGKey(recipe.seed)
    state, number = _ADAM.init(p), 0
    total = steps(data, rows, recipe.batch) * recipe.epochs
    fixed = jnp.asarray(base)
    fixed_settings = replace(  # what a step reads, so that it compiles once for all
        recipe,
        seed=0,
        epochs=0,
        learning_rate=0.0,
        distillation=0.0,
        copy_weight=0.0,
        everyday=0.0,
        balance=0.0,
        lam=0.0,
        threshold=None,
    )
    for epoch in range(recipe.epochs):
        losses = []
        for chosen, ids, kept in batches(data, rows, recipe.batch, rng):
            number += 1
            key, now = jax.random.split(key)
            batch = [
                _padded(a[chosen], recipe.batch)
                for a in (cues, targets.value, targets.weight, targets.group)
            ]
            rate = recipe.learning_rate * _schedule(number / total)
            p, state, loss = _step(p, state, fixed, ids, kept, *batch, now, rate, fixed_settings)
            if mask is not None:
                p = jax.tree.map(jnp.multiply, p, mask)
            losses.append(loss)
        progress(f"epoch {epoch + 1}/{recipe.epochs}: loss {np.mean(jax.device_get(losses)):.4f}")
        network = Network(p, np.asarray(table(p, fixed)), mean, scale, recipe.length_cues)
        if enough(network):
            break
    return network


def inputs(network: Network, data: Encoded, rows: Index, size: int = 256) -> Floats:
    """Return the head inputs [len(rows), K] of the rows, with cues unscaled."""
    p = network.parameters
    place = np.full(len(data.ids), -1)
    place[rows] = np.arange(len(rows))
    out = np.zeros((len(rows), p.heads.shape[0]), np.float32)
    for chosen, ids, kept in batches(data, rows, size):
        x = _run(p, network.rows, ids, kept, _padded(data.cues[chosen], size))
        out[place[chosen]] = np.asarray(x)[: len(chosen)]
    return out


def folded_heads(network: Network, group: int | None = None) -> tuple[Floats, Floats]:
    """Return heads [K, M] and bias [M] for unscaled cues.

    Of one source, or the shared ones with bias 0 before the cues' means are taken off.
    """
    p = network.parameters
    heads = np.array(p.heads if network.length_cues else _without_length(p.heads), np.float32)
    bias = np.zeros(heads.shape[1], np.float32)
    if group is not None:
        heads += np.asarray(p.deviations[group])
        bias += np.asarray(p.offsets[group])
    cues = len(network.cue_mean)
    heads[-cues:] /= network.cue_scale[:, None]
    return heads, np.asarray(bias - network.cue_mean @ heads[-cues:], np.float32)


def _schedule(part: float) -> float:
    if part < _WARM_UP:
        return part / _WARM_UP
    turn = (part - _WARM_UP) / (1 - _WARM_UP)
    return _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * turn))


def _without_length(heads: jax.Array) -> jax.Array:
    """Return the heads with zeros at the cues that count tokens, the first two."""
    first = heads.shape[0] - CUES
    return heads.at[first : first + 2].set(0.0)


def _padded(values: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    out = np.zeros((size, *values.shape[1:]), values.dtype)
    out[: len(values)] = values
    return out


@jax.jit
def _run(
    p: Parameters, rows: jax.Array, ids: jax.Array, kept: jax.Array, cues: jax.Array
) -> jax.Array:
    return head_inputs(p, rows[ids], kept, cues)


@partial(jax.jit, static_argnames="recipe")
def _step(
    p: Parameters,
    state: Any,
    static: jax.Array,
    ids: jax.Array,
    kept: jax.Array,
    cues: jax.Array,
    value: jax.Array,
    weight: jax.Array,
    group: jax.Array,
    key: jax.Array,
    rate: float,
    recipe: Recipe,
) -> tuple[Parameters, Any, jax.Array]:
    token_key, input_key = jax.random.split(key)
    stay = jax.random.bernoulli(token_key, 1 - recipe.token_dropout, kept.shape)

    def loss(p: Parameters) -> jax.Array:
        rows = jnp.where(stay, table(p, static)[ids], 0.0)
        x = head_inputs(p, rows, kept, cues)
        left = jax.random.bernoulli(input_key, 1 - recipe.input_dropout, x.shape)
        x = x * left / (1 - recipe.input_dropout)
        deviation = jnp.einsum("bk,gkm->bgm", x, p.deviations)
        own = jnp.take_along_axis(deviation, group[:, None, None], 1)[:, 0]
        shared = p.heads if recipe.length_cues else _without_length(p.heads)
        logits = x @ shared + own + p.offsets[group]
        cross = optax.sigmoid_binary_cross_entropy(logits, value).sum(1)
        chance = jax.nn.sigmoid(logits)
        gap = (chance[:, 1:] - chance[:, :1]) - (value[:, 1:] - value[:, :1])
        return ((cross + recipe.gap * (gap**2).sum(1)) * weight).sum() / weight.sum()

    value_, gradient = jax.value_and_grad(loss)(p)
    update, state = _ADAM.update(gradient, state)
    update = update._replace(
        own=recipe.table_rate * update.own + recipe.table_decay * p.own,
        heads=update.heads + recipe.head_decay * p.heads,
        deviations=recipe.deviation_rate * update.deviations
        + recipe.deviation_decay * p.deviations,
    )
    return jax.tree.map(lambda a, b: a - rate * b, p, update), state, value_
