"""Iterative magnitude pruning of a bundle: a few weights go, the others are fitted, and again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ..adapt.labels import ANSWERS_WELL, Labels
from ..calibration.sweep import sweep
from ..calibration.tensors import calibration_tensors
from ..calibration.threshold import policy_for
from ..hosts import open_kernel
from ..model import Bundle, BundleConfig, read_bundle, write_bundle
from ..model.prune import kept_weights
from ..model.quantise import quantise
from ..model.spec import CANDIDATE_TENSORS, CUES, Tensors
from ..text import cut
from .encoded import Encoded, Index, encoded
from .fit import Network, Targets, fit, folded_heads
from .network import Floats, Parameters
from .recipe import Recipe
from .start import Start, start_from
from .user import check, parts_of
from .vocabulary import BACK, FRONT

ROUNDS, LAST_EPOCHS = 5, 3
"""Rounds of pruning and one pass each, and the passes after the last."""
OWN = 0.5
"""Weight of the whole model's own probabilities in the targets; the rest are the labels."""

PRUNING = Recipe(
    epochs=1,
    learning_rate=1e-3,
    table_decay=0.0,
    head_decay=0.0,
    deviation_rate=0.0,
    deviation_decay=0.0,
    token_dropout=0.1,
)

Progress = Callable[[str], None]


def prune_labels(
    labels: Labels, bundle: Bundle, share: float, progress: Progress = lambda line: None
) -> bytes:
    """Return the bundle with this share of its weights zero, fitted to labels and to itself.

    The held-out questions of the labels (as in training) give calibration rows and policy.
    Candidates are not ranked by it: what ranks them reads states that change here.

    Raises:
        InvalidInputError: too few labels.
    """
    quality = np.array(labels.quality, np.float32)
    parts = parts_of(labels)
    check(labels, quality, parts)
    learnt = np.concatenate([parts.train, parts.stopping])
    own = probabilities(bundle, [labels.prompts[i] for i in learnt])
    right = (quality[learnt] >= ANSWERS_WELL).astype(np.float32)
    weight = np.array(labels.weights, np.float32)[learnt]
    target = OWN * own + (1 - OWN) * right
    prompts = [labels.prompts[i] for i in learnt]
    changed = prune_network(bundle, prompts, target, weight, share, progress)
    facts = {
        "pruned": {"share": share, "from": bundle.bundle_hash, "bytes": bundle.n_bytes},
        "labels": {"sha256": labels.digest, "rows": len(labels)},
        "held_out": len(parts.held_out),
    }
    return finished(bundle, changed, labels.take(parts.held_out), facts)


def prune_network(
    bundle: Bundle,
    prompts: Sequence[str],
    target: Floats,
    weight: Floats,
    share: float,
    progress: Progress,
) -> tuple[Tensors, BundleConfig]:
    """Return tensors and constants that change; the share grows cubically (Zhu & Gupta 2017)."""
    start = start_from(bundle, prompts)
    data = encoded(start.vocabulary, prompts)
    rows: Index = np.arange(len(prompts))
    targets = Targets(target.astype(np.float32), weight, np.zeros(len(prompts), np.int64))
    p = _parameters(start, data)
    for k in range(1, ROUNDS + 1):
        gone = share * (1 - (1 - k / ROUNDS) ** 3)
        mask = _mask(p, gone)
        p = Parameters(*(a * b for a, b in zip(p, mask, strict=True)))
        recipe = replace(PRUNING, epochs=LAST_EPOCHS if k == ROUNDS else 1, seed=k)
        progress(f"{gone:.1%} of the weights are zero")
        network = fit(data, targets, rows, start.rows, recipe, progress, p, mask=mask)
        p = network.parameters
    zeta, nu = (float(np.float32(1 / (1 + np.exp(-float(x))))) for x in (p.zeta, p.nu))
    return _tensors(network), replace(bundle.config, zeta=zeta, nu=nu, candidate=None)


def probabilities(bundle: Bundle, prompts: Sequence[str]) -> Floats:
    """Return the bundle's own P(model m answers well) [N, M], by the kernel."""
    scorer = open_kernel(bundle, FRONT + BACK)
    found = [scorer.score_text(cut(prompt)[0]).probabilities for prompt in prompts]
    return np.array(found, np.float32)


def finished(
    bundle: Bundle,
    changed: tuple[Tensors, BundleConfig],
    held_out: Labels,
    facts: dict[str, object],
) -> bytes:
    """Return the file, with calibration rows and policy from the held-out rows by the kernel."""
    content, config = bundle.with_(changed[0], provenance=facts), changed[1]
    models = len(config.models)
    kept = {n: t for n, t in content.tensors.items() if n not in CANDIDATE_TENSORS}
    none = calibration_tensors([], [], [], models)
    draft = write_bundle({**kept, **none}, config, content.policy, content.provenance)
    scorer = open_kernel(read_bundle(draft), FRONT + BACK)
    found = [scorer.score_text(cut(prompt)[0]) for prompt in held_out.prompts]
    quality = [list(row) for row in held_out.quality]
    policy = policy_for(sweep([score.scores for score in found], quality), len(held_out))
    calibrated = calibration_tensors(
        [score.scores[0] for score in found],
        [score.probabilities[0] for score in found],
        quality,
        models,
    )
    return write_bundle({**kept, **calibrated}, config, policy, content.provenance)


def _parameters(start: Start, data: Encoded) -> Parameters:
    """Return the bundle's network for cues scaled as `fit` scales them; the table is all `own`."""
    bundle, tensors, hidden = start.bundle, start.bundle.tensors, start.bundle.sizes["H"]
    floats = lambda name: np.array(tensors[name], np.float32)  # noqa: E731
    heads = floats("head.weights").reshape(-1, bundle.sizes["M"])
    bias = floats("head.bias") + data.cues.mean(0) @ heads[-CUES:]
    heads[-CUES:] *= (data.cues.std(0) + 1e-3)[:, None]
    logit = lambda p: np.log(p / (1 - p))  # noqa: E731
    width = min(start.rows.shape[1], 96)
    return Parameters(
        projection=jnp.zeros((width, hidden), jnp.float32),
        own=jnp.asarray(start.rows),
        u=jnp.asarray(floats("cell.u").reshape(hidden, hidden)),
        bias_z=jnp.asarray(floats("cell.bias_z")),
        bias_h=jnp.asarray(floats("cell.bias_h")),
        zeta=jnp.asarray(logit(np.clip(bundle.config.zeta, 1e-4, 1 - 1e-4)), jnp.float32),
        nu=jnp.asarray(logit(np.clip(bundle.config.nu, 1e-4, 1 - 1e-4)), jnp.float32),
        heads=jnp.asarray(heads, jnp.float32),
        offsets=jnp.asarray(bias[None], jnp.float32),
        deviations=jnp.zeros((1, *heads.shape), jnp.float32),
    )


def _mask(p: Parameters, share: float) -> Parameters:
    """Return ones where a weight stays, and zeros throughout for the projection: none is used."""
    ones = Parameters(*(np.ones(np.shape(a), np.float32) for a in p))
    kept: dict[str, npt.NDArray[np.float32]] = {
        name: kept_weights(np.asarray(getattr(p, name)), share).astype(np.float32)
        for name in ("own", "u", "heads")
    }
    return ones._replace(projection=np.zeros(np.shape(p.projection), np.float32), **kept)


def _tensors(network: Network) -> Tensors:
    p = network.parameters
    rows, scales = quantise(np.asarray(p.own))
    heads, bias = folded_heads(network, 0)
    found: dict[str, npt.NDArray[Any]] = {
        "token.rows": rows,
        "token.scales": scales,
        "cell.u": np.asarray(p.u) + np.float32(0),  # a weight times zero may be −0.0
        "cell.bias_z": np.asarray(p.bias_z),
        "cell.bias_h": np.asarray(p.bias_h),
        "head.weights": heads + np.float32(0),
        "head.bias": bias,
    }
    return {name: (list(value.shape), value.tobytes()) for name, value in found.items()}
