"""The network in JAX: token table, FastGRNN (Kusupati et al. 2018, eq. 3-5), heads.

Shapes: V tokens, H units, E numbers of a static embedding, B prompts of T tokens, K = 2 H + 16 head
inputs, G sources, M models.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ..model.spec import CUES

Floats = npt.NDArray[np.float32]

STATIC_WIDTH = 96
"""Principal axes of the static embedding that the projection reads."""


class Parameters(NamedTuple):
    """What training changes. The token table is P = static @ projection + own."""

    projection: jax.Array
    """[E, H]"""
    own: jax.Array
    """[V, H]"""
    u: jax.Array
    """[H, H], row k multiplies h[k]"""
    bias_z: jax.Array
    bias_h: jax.Array
    """[H]"""
    zeta: jax.Array
    nu: jax.Array
    """Scalars before the logistic function."""
    heads: jax.Array
    """[K, M]"""
    offsets: jax.Array
    """[G, M] bias of each source"""
    deviations: jax.Array
    """[G, K, M] what each source adds to the heads"""


def principal(static: Floats, width: int = STATIC_WIDTH) -> Floats:
    """Return the static embedding [V, E'] on its first principal axes, E' = min(width, E).

    Mean 0 a column, standard deviation 1 overall. Fewer numbers a token make a step of training
    three times faster and cost nothing that could be measured.
    """
    moved = static - static.mean(0)
    _, _, axes = np.linalg.svd(moved, full_matrices=False)
    scores = moved @ axes[:width].T
    return np.asarray(scores / scores.std(), np.float32)


def initial(
    static: Floats, hidden: int, rates: npt.NDArray[np.float64], seed: int, scale: float = 0.5
) -> Parameters:
    """Return the start: the first H columns of `static` with deviation `scale`, heads at zero.

    `rates` [G, M] are the shares answered well by source; the offsets start from them.
    """
    width = static.shape[1]
    projection = np.eye(width, hidden) * (scale / static.std(0))[:, None]
    rng = np.random.default_rng(seed)
    safe = np.clip(rates, 0.02, 0.98)
    return Parameters(
        projection=jnp.asarray(projection, jnp.float32),
        own=jnp.zeros((len(static), hidden), jnp.float32),
        u=jnp.asarray(rng.normal(0, 0.05, (hidden, hidden)), jnp.float32),
        bias_z=jnp.ones(hidden, jnp.float32),
        bias_h=jnp.zeros(hidden, jnp.float32),
        zeta=jnp.asarray(2.0, jnp.float32),
        nu=jnp.asarray(-3.0, jnp.float32),
        heads=jnp.zeros((2 * hidden + CUES, rates.shape[1]), jnp.float32),
        offsets=jnp.asarray(np.log(safe / (1 - safe)), jnp.float32),
        deviations=jnp.zeros((len(rates), 2 * hidden + CUES, rates.shape[1]), jnp.float32),
    )


def table(p: Parameters, static: jax.Array) -> jax.Array:
    """Return P [V, H]."""
    return static @ p.projection + p.own


def head_inputs(p: Parameters, rows: jax.Array, kept: jax.Array, cues: jax.Array) -> jax.Array:
    """Return last state, mean state and cues [B, K].

    `rows` [T, B, H] are the table's rows of the tokens, `kept` [T, B, 1] is False on padding.
    """
    zeta, nu = jax.nn.sigmoid(p.zeta), jax.nn.sigmoid(p.nu)

    def step(
        carry: tuple[jax.Array, jax.Array], xs: tuple[jax.Array, jax.Array]
    ) -> tuple[tuple[jax.Array, jax.Array], None]:
        h, total = carry
        row, keep = xs
        a = row + h @ p.u
        z = jax.nn.sigmoid(a + p.bias_z)
        new = (zeta * (1 - z) + nu) * jnp.tanh(a + p.bias_h) + z * h
        return (jnp.where(keep, new, h), total + jnp.where(keep, new, 0.0)), None

    start = jnp.zeros(rows.shape[1:], rows.dtype)
    (last, total), _ = jax.lax.scan(step, (start, start), (rows, kept), unroll=4)
    count = jnp.maximum(kept.sum(0), 1)
    return jnp.concatenate([last, total / count, cues], 1)
