"""all-mpnet-base-v2 in JAX: the largest sentence encoder that the study compares with.

Song et al. 2020 (arXiv 2004.09297), Apache-2.0: twelve layers of 768 numbers, twelve heads, one
bias by relative position for all layers. The environment variable names the folder that holds
`model.safetensors` and `tokenizer.json`; no torch is needed.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from ...train.sentences import encode_sentences

ENVIRONMENT = "TINY_DANCER_MPNET"
WIDTH, LAYERS, ATTENTION_HEADS = 768, 12, 12
TOKENS = 192
"""A longer prompt is cut; the model was trained on 128."""

_PADDING, _CHUNK = 1, 3_072
_NEAR, _FAR = 8, 128
"""Distances below the first have a bias each, from the second on they share one."""

Weights = dict[str, jax.Array]


class Mpnet:
    """The encoder, from the folder that the environment variable names."""

    def __init__(self, folder: Path) -> None:
        raw = load_file(folder / "model.safetensors")
        self._weights: Weights = {
            name: jnp.asarray(value) for name, value in raw.items() if value.dtype == np.float32
        }
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS)

    def sentences(
        self, prompts: Sequence[str], progress: Callable[[str], None] = lambda line: None
    ) -> npt.NDArray[np.float32]:
        """Return [N, 768]: the mean of the last states, of length one."""
        return encode_sentences(
            [e.ids for e in self._tokenizer.encode_batch_fast(list(prompts))],
            partial(_pooled, self._weights),
            width=WIDTH,
            padding=_PADDING,
            chunk=_CHUNK,
            progress=lambda line: progress(f"mpnet: {line}"),
        )


def mpnet_folder() -> Path | None:
    """Return the folder that the environment names, None where it names none."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else None


def buckets(length: int, count: int = 32) -> npt.NDArray[np.int64]:
    """Return [length, length], the number of the bias of two places (Raffel et al. 2020)."""
    distance = np.arange(length)[:, None] - np.arange(length)[None, :]
    half = count // 2
    far = _NEAR + np.log(np.maximum(abs(distance), 1) / _NEAR) / np.log(_FAR / _NEAR) * (
        half - _NEAR
    )
    near = np.where(abs(distance) < _NEAR, abs(distance), np.minimum(far, half - 1))
    return near.astype(np.int64) + half * (distance < 0)


@jax.jit
def _pooled(w: Weights, tokens: jax.Array, mask: jax.Array) -> jax.Array:
    last = _encode(w, tokens, mask)
    mean = (last * (mask / mask.sum(1, keepdims=True))[:, :, None]).sum(1)
    return jnp.asarray(mean / jnp.linalg.norm(mean, axis=1, keepdims=True))


def _encode(w: Weights, tokens: jax.Array, mask: jax.Array) -> jax.Array:
    """Return the last states [B, T, 768]."""
    batch, length = tokens.shape

    def linear(x: jax.Array, name: str) -> jax.Array:
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(x: jax.Array, name: str) -> jax.Array:
        moved = x - x.mean(-1, keepdims=True)
        variance = (moved**2).mean(-1, keepdims=True)
        return moved / jnp.sqrt(variance + 1e-5) * w[name + ".weight"] + w[name + ".bias"]

    def split(x: jax.Array) -> jax.Array:
        return x.reshape(batch, length, ATTENTION_HEADS, -1).transpose(0, 2, 1, 3)

    first = _PADDING + 1
    x = w["embeddings.word_embeddings.weight"][tokens]
    x = x + w["embeddings.position_embeddings.weight"][first : first + length]
    x = norm(x, "embeddings.LayerNorm")
    bias = w["encoder.relative_attention_bias.weight"][buckets(length)].transpose(2, 0, 1)[None]
    bias = bias + (1 - mask)[:, None, None, :] * -1e9
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        q, k, v = (split(linear(x, f"{name}attention.attn.{n}")) for n in ("q", "k", "v"))
        scale = np.sqrt(WIDTH / ATTENTION_HEADS)
        seen = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / scale + bias, -1) @ v
        seen = seen.transpose(0, 2, 1, 3).reshape(batch, length, WIDTH)
        x = norm(x + linear(seen, name + "attention.attn.o"), name + "attention.LayerNorm")
        wide = jax.nn.gelu(linear(x, name + "intermediate.dense"), approximate=False)
        x = norm(x + linear(wide, name + "output.dense"), name + "output.LayerNorm")
    return x
