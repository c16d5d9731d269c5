"""Fitting the candidate step: seven monotone units that learn, and one that holds a prior.

The gate is held open (z = 0 exactly, ζ = 1, ν = 0), so that h = tanh(x·W + h0·U + b_h). With W and
the head nowhere negative, no better feature ever lowers a candidate: by construction, not by luck.
The prompt enters through the start state h0, which moves the units' thresholds.

Recency and metadata overlap carry no information in the stream (docs/candidates.md), so that
nothing is learned about them: the eighth unit gives them a stated effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import atanh, log, tanh
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from .candidate_stream import POOL, Prompts, Requests, Stream, requests, usable_rows
from .encoded import Index
from .network import Floats

UNITS = 8
PRIOR = UNITS - 1
"""The unit that is not learned."""
LEARNED = (0, 2, 3)
"""Features that are: similarity, frequency, success."""
RECENCY, OVERLAP = 1, 4

RECENCY_ODDS = 1.25
"""Odds of a candidate made just now over those of the same one infinitely old."""
OVERLAP_ODDS = 2.0
"""Odds of a candidate that shares all pairs of the request over one that shares none."""

_CENTRES = np.array([0.6, 0.75, 0.88, 0.92, 0.955, 0.975, 0.99, 0.5], np.float32)
_WIDTHS = np.array([0.12, 0.1, 0.06, 0.04, 0.025, 0.015, 0.008, 1.0], np.float32)
"""Similarities at which the units start: sentence vectors from 0.5 to 0.9, the bundle's above."""
_MIDDLE, _SPREAD = 0.6, 0.25
"""Of frequency and success."""
_CLOSED = 20.0
"""σ is exactly 0 below −17."""
_LEARNS = np.arange(UNITS) != PRIOR


@dataclass(frozen=True)
class CandidateRecipe:
    """Settings of one run; chosen on other subject splits, on stems that are not held out."""

    seed: int = 0
    draws: int = 4
    """Draws of models and order to train on."""
    epochs: int = 6
    batch: int = 512
    learning_rate: float = 1e-2
    listwise: float = 3.0
    """Weight of the softmax over a request's candidates beside the log-loss of each."""
    decay: float = 1e-4


class Parameters(NamedTuple):
    """What is fitted; `w` and `head` are logarithms."""

    w: jax.Array
    u: jax.Array
    bias: jax.Array
    head: jax.Array
    shift: jax.Array
    start: jax.Array
    project: jax.Array


@dataclass(frozen=True)
class Step:
    """The candidate step as the bundle holds it."""

    w: Floats
    u: Floats
    bias_z: Floats
    bias_h: Floats
    head: Floats
    start: Floats
    project: Floats
    bias: float

    def calibrated(self, scale: float, shift: float) -> "Step":
        """The step whose learned logit is scale · logit + shift; the prior stays as it is."""
        head = np.where(_LEARNS, self.head * scale, self.head).astype(np.float32)
        fresh = _fresh(self.head)
        return replace(self, head=head, bias=(self.bias + fresh) * scale + shift - fresh)


@dataclass(frozen=True)
class Drawn:
    """One draw with either kind of vector: the same models, order, record and labels."""

    text: Stream
    sentence: Stream


def fit_step(
    prompts: Prompts,
    draws: Sequence[Drawn],
    subjects: Index,
    recipe: CandidateRecipe,
    progress: Callable[[str], None],
) -> Step:
    """Fit to all requests of these subjects outside the held-out stems.

    Each request counts twice: with the bundle's vectors and the start state from the text, and
    with sentence vectors and the learned start state.
    """
    rng = np.random.default_rng([recipe.seed, 3])
    p = _initial(prompts.last.shape[1], recipe.seed)
    rows = [usable_rows(prompts, draw.text, subjects, held_out=False) for draw in draws]
    steps = sum(len(r) // recipe.batch for r in rows) * recipe.epochs
    rate = optax.cosine_decay_schedule(recipe.learning_rate, steps, 0.02)
    rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))
    state = rule.init(p)

    @jax.jit
    def step(p: Parameters, state: Any, batch: Any) -> tuple[Parameters, Any, jax.Array]:
        value, gradient = jax.value_and_grad(_loss)(p, batch, recipe.listwise, recipe.decay)
        update, state = rule.update(gradient, state)
        return optax.apply_updates(p, update), state, value

    for epoch in range(recipe.epochs):
        losses = []
        for draw, inside in zip(draws, rows, strict=True):
            order = rng.permutation(inside)
            for at in range(0, len(order) - recipe.batch + 1, recipe.batch):
                chosen, pool = order[at : at + recipe.batch], int(rng.integers(1 << 31))
                found = [
                    requests(prompts, kind, chosen, subjects, POOL, np.random.default_rng(pool))
                    for kind in (draw.text, draw.sentence)
                ]
                p, state, value = step(p, state, [_arrays(one) for one in found])
                losses.append(value)
        progress(f"candidates, epoch {epoch + 1}/{recipe.epochs}: loss {np.mean(losses):.4f}")
    return _as_step(p)


def logits(step: Step, found: Requests, from_text: bool) -> npt.NDArray[np.float64]:
    """Return the logits [R, K] in float64; the twin gives the bits."""
    start = np.tanh(found.last @ step.project) if from_text else step.start
    moved = (np.atleast_2d(start) @ step.u + step.bias_h)[:, None]
    units = np.tanh(found.features.astype(np.float64) @ step.w + moved)
    return np.asarray(units @ step.head + step.bias, np.float64)


def _initial(h: int, seed: int) -> Parameters:
    w_key, u_key, start_key, project_key = jax.random.split(jax.random.PRNGKey(seed), 4)
    level = jnp.array([-0.7, -2.5, -2.5])[:, None]
    return Parameters(
        w=level + 0.01 * jax.random.normal(w_key, (len(LEARNED), UNITS)),
        u=0.2 * jax.random.normal(u_key, (UNITS, UNITS)),
        bias=jnp.zeros(UNITS),
        head=jnp.zeros(UNITS),
        shift=jnp.array(-2.0),
        start=0.2 * jax.random.normal(start_key, (UNITS,)),
        project=0.03 * jax.random.normal(project_key, (h, UNITS)),
    )


def _weights(p: Parameters) -> tuple[jax.Array, jax.Array]:
    """W [3, 8] of the learned features and b_h [8] that belong to features as they are."""
    w = jnp.exp(p.w) / jnp.stack([_WIDTHS, *[jnp.full(UNITS, _SPREAD)] * 2])
    middle = jnp.stack([_CENTRES, *[jnp.full(UNITS, _MIDDLE)] * 2])
    return w, p.bias - (w * middle).sum(0)


def _logits(p: Parameters, features: jax.Array, start: jax.Array) -> jax.Array:
    w, bias = _weights(p)
    units = jnp.tanh(features @ w + ((start * _LEARNS) @ p.u + bias)[:, None])
    return (units * _LEARNS) @ jnp.exp(p.head) + p.shift


def _loss(p: Parameters, batch: Any, listwise: float, decay: float) -> jax.Array:
    total = decay * ((p.u**2).sum() + 10 * (p.project**2).sum())
    starts = (lambda last: jnp.tanh(last @ p.project), lambda last: jnp.tanh(p.start)[None])
    for (features, last, label, live), start in zip(batch, starts, strict=True):
        found = _logits(p, features, start(last))
        truth = jnp.zeros_like(found).at[:, 0].set(label)
        each = optax.sigmoid_binary_cross_entropy(found, truth)
        total += (each * live).sum() / live.sum() * found.shape[1]
        among = jax.nn.logsumexp(jnp.where(live, found, -1e9), axis=1) - found[:, 0]
        total += listwise * (among * label).sum() / label.sum()
    return total


def _arrays(found: Requests) -> tuple[Floats, ...]:
    live = found.live.astype(np.float32)
    return found.features[..., LEARNED], found.last, found.label, live


def _prior() -> tuple[float, float, float]:
    """Weights of recency and overlap in the prior's unit, and its weight in the head."""
    overlap = 0.1  # tanh is nearly straight up to here
    head = log(OVERLAP_ODDS) / tanh(overlap)
    return atanh(log(RECENCY_ODDS) / head), overlap, head


def _fresh(head: Floats) -> float:
    """What the prior's unit adds to the logit of every candidate of the stream."""
    return float(head[PRIOR]) * tanh(_prior()[0])


def _as_step(p: Parameters) -> Step:
    learned, bias_h = (np.array(x, np.float32) for x in _weights(p))
    w = np.zeros((5, UNITS), np.float32)
    w[list(LEARNED)] = learned * _LEARNS
    u, head = np.array(p.u, np.float32), np.exp(np.array(p.head, np.float32))
    u[:, PRIOR] = u[PRIOR] = 0
    bias_h[PRIOR] = 0
    w[RECENCY, PRIOR], w[OVERLAP, PRIOR], head[PRIOR] = _prior()
    most = w.sum(0) + np.abs(u).sum(0)
    return Step(
        w=w,
        u=u,
        bias_z=(-most - _CLOSED).astype(np.float32),
        bias_h=bias_h,
        head=head,
        start=np.tanh(np.array(p.start, np.float32)) * _LEARNS.astype(np.float32),
        project=np.array(p.project, np.float32) * _LEARNS.astype(np.float32),
        bias=float(p.shift) - _fresh(head),
    )
