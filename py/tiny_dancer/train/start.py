"""Where training on labels of one's own starts: vocabulary and network of a bundle."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ..model import Bundle
from ..model.quantise import restore
from ..model.spec import CONTINUATION
from .encoded import Encoded, Index
from .network import Floats, Parameters, principal
from .vocabulary import UNKNOWN, Vocabulary, build, encode

LEAST_COUNT = 5
"""Times that a word must occur to become an entry."""


@dataclass(frozen=True)
class Start:
    """A vocabulary, and the f32 rows [V, H] that its entries start from."""

    bundle: Bundle
    vocabulary: Vocabulary
    rows: Floats


def start_from(bundle: Bundle, prompts: Sequence[str], size: int | None = None) -> Start:
    """Return the bundle's vocabulary, or one of `size` entries chosen from it and the prompts.

    A word that the bundle does not know starts from the mean of its pieces' rows.
    """
    old = _vocabulary(bundle)
    known = _rows(bundle)
    if size is None or size == len(old.entries):
        return Start(bundle, old, known)
    entries = set(old.entries)
    words = [w for w, n in _words(old, prompts).most_common() if n >= LEAST_COUNT]
    new = build([*old.entries[1:], *(w for w in words if w not in entries)], prompts, size)
    pieces = encode(old.tokenizer(), [entry.removeprefix("##") for entry in new.entries])
    place = {entry: i for i, entry in enumerate(old.entries)}
    rows = [
        known[place[entry]] if entry in place else known[ids].mean(0)
        for entry, ids in zip(new.entries, pieces, strict=True)
    ]
    return Start(bundle, new, np.array(rows, np.float32))


def _vocabulary(bundle: Bundle) -> Vocabulary:
    entries = ["##" + text if flags & CONTINUATION else text for text, flags in bundle.vocabulary()]
    if entries[0] != UNKNOWN or bundle.config.unknown:
        raise ValueError(f"a bundle whose entry 0 is {UNKNOWN} is needed")
    surprisal = np.array(bundle.tensors["vocab.surprisal"], np.uint8)
    return Vocabulary(tuple(entries), surprisal)


def _rows(bundle: Bundle) -> Floats:
    shape = bundle.sizes["V"], bundle.sizes["H"]
    rows = np.array(bundle.tensors["token.rows"], np.int8).reshape(shape)
    return restore(rows, np.array(bundle.tensors["token.scales"], np.float32))


def _words(vocabulary: Vocabulary, prompts: Sequence[str]) -> Counter[str]:
    tokenizer = vocabulary.tokenizer()
    clean = (p.encode("utf-8", "ignore").decode() for p in prompts)
    normal = (tokenizer.normalizer.normalize_str(p) for p in clean)
    pieces = (tokenizer.pre_tokenizer.pre_tokenize_str(p) for p in normal)
    return Counter(word for word, _ in itertools.chain.from_iterable(pieces))


def parameters(
    start: Start, data: Encoded, rows: Index, rates: npt.NDArray[np.float64]
) -> Parameters:
    """Return the bundle's network as the start of one for `rates` [1, M], shares answered well.

    Heads between the bundle's light and powerful ones, scaled for the cues of `rows`; the mean row
    goes into the cell's biases, which read it at every token.
    """
    bundle, models = start.bundle, rates.shape[1]
    tensors, hidden = bundle.tensors, bundle.sizes["H"]
    floats = lambda name: np.array(tensors[name], np.float32)  # noqa: E731
    mean = start.rows.mean(0)
    base = principal(start.rows)
    projection = np.linalg.lstsq(base, start.rows - mean, rcond=None)[0]
    old = floats("head.weights").reshape(-1, bundle.sizes["M"])
    part = np.linspace(0, 1, models)
    heads = np.outer(old[:, 0], 1 - part) + np.outer(old[:, -1], part)
    cues = data.cues[rows]
    heads[-cues.shape[1] :] *= (cues.std(0) + 1e-3)[:, None]
    safe = np.clip(rates, 0.02, 0.98)
    logit = lambda p: np.log(p / (1 - p))  # noqa: E731
    return Parameters(
        projection=jnp.asarray(projection, jnp.float32),
        own=jnp.zeros(start.rows.shape, jnp.float32),
        u=jnp.asarray(floats("cell.u").reshape(hidden, hidden)),
        bias_z=jnp.asarray(floats("cell.bias_z") + mean),
        bias_h=jnp.asarray(floats("cell.bias_h") + mean),
        zeta=jnp.asarray(logit(np.clip(bundle.config.zeta, 1e-4, 1 - 1e-4)), jnp.float32),
        nu=jnp.asarray(logit(np.clip(bundle.config.nu, 1e-4, 1 - 1e-4)), jnp.float32),
        heads=jnp.asarray(heads, jnp.float32),
        offsets=jnp.asarray(logit(safe), jnp.float32),
        deviations=jnp.zeros((1, len(heads), models), jnp.float32),
    )
