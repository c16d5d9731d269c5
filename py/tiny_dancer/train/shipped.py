"""The shipped bundle: from the labelled files to its bytes and the figures of its report."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..calibration.sweep import sweep
from ..calibration.tensors import calibration_tensors
from ..calibration.threshold import policy_for
from ..hosts import open_kernel
from ..model import read_bundle, write_bundle
from ..model.bundle import BundleConfig
from ..model.quantise import quantise
from ..model.spec import Tensors
from ..policy import Policy
from ..text import cut
from . import familiarity
from .assemble import model_tensors
from .corpora import Corpus, corpus, distilled, targets, usable
from .encoded import Index, encoded
from .everyday import assumed, requests
from .fit import Network, Targets, fit, folded_heads, inputs
from .heads import Calibrator, calibrator
from .labels import LabelledPrompts, concatenate, file_hashes, read_folder
from .minilm import MiniLM
from .network import Floats
from .recipe import Recipe
from .split import first_of_stem, folds
from .vocabulary import BACK, FRONT, Vocabulary, build

MODELS = ("light", "powerful")
FOLDS = 3
"""Networks whose unseen rows calibrate the heads."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Scored:
    """The held-out rows as the final int8 model scores them."""

    rows: LabelledPrompts
    score: Floats
    """[n] routing score"""
    probability: Floats
    """[n, M]"""


@dataclass(frozen=True)
class Shipped:
    """The bundle and what its report says."""

    bundle: bytes
    held_out: Scored
    provenance: dict[str, Any]
    policy: Policy


def train_bundle(
    folder: Path, recipe: Recipe, progress: Progress, cache: Path | None = None
) -> Shipped:
    """Train on all trainable rows but the held-out stems, which give the calibration rows."""
    data, train, untouched = usable(read_folder(folder))
    held = calibration_rows(data, untouched)
    progress(f"{len(train):,} prompts to train on, {len(held):,} stems held out")
    encoder = MiniLM()
    vocabulary = build(encoder.vocabulary, [data.prompts[i] for i in train], recipe.vocabulary)
    static = encoder.static(vocabulary.entries)
    requested = assumed(sorted(set(data.sources)))
    c = corpus(concatenate([data, requested]), train, untouched, vocabulary)
    target = c.labels.right
    if recipe.distillation > 0:
        states = sentence_features(encoder, data, progress, cache)
        progress("teacher")
        # The requests have no teacher; their states are never read.
        target = distilled(c, np.pad(states, ((0, len(requested)), (0, 0))), recipe)
    goal = _with_requests(targets(c, target, recipe), requested, recipe.everyday)
    extra: Index = np.arange(len(data), len(c.labels))
    calibration = _calibration(c, goal, extra, static, recipe, progress)
    progress("final network")
    rows = c.twice(np.concatenate([train, extra]))
    network = fit(c.text, goal, rows, static, recipe, progress)
    tensors = _tensors(network, vocabulary, calibration)
    config = _config(network, vocabulary, data, train, c, recipe)
    return _finished(tensors, config, held, _provenance(data, train, len(held), folder, recipe))


def calibration_rows(data: LabelledPrompts, untouched: Index) -> LabelledPrompts:
    """Return one held-out row a stem: the first in the order of the sources' names."""
    rows = data.take(untouched)
    return rows.take(np.flatnonzero(first_of_stem(rows.prompts)))


def sentence_features(
    encoder: MiniLM, data: LabelledPrompts, progress: Progress, cache: Path | None
) -> Floats:
    """Return MiniLM's pooled states [N, 1152], each rounded to binary16.

    Read from `cache` where it was written for the same prompts, else written to it where given; a
    run gives the same bytes with a cache and without.
    """
    digest = hashlib.sha256("\0".join(data.prompts).encode("utf-8", "surrogatepass")).hexdigest()
    if cache is not None and cache.is_file():
        with np.load(cache) as file:
            if str(file["prompts"]) == digest:
                return np.asarray(file["states"], np.float32)
    states = encoder.sentences(data.prompts, progress).astype(np.float16)
    if cache is not None:
        np.savez(cache, states=states, prompts=digest)
    return states.astype(np.float32)


def _with_requests(goal: Targets, requested: LabelledPrompts, weight: float) -> Targets:
    """Return the targets with what is assumed of the requests, the last rows of either half."""
    value, weights = goal.value.copy(), goal.weight.copy()
    half, n = len(value) // 2, len(requested)
    for end in (half, 2 * half):
        value[end - n : end] = requested.quality
        weights[end - n : end] *= weight
    return Targets(value, weights, goal.group)


def _calibration(
    c: Corpus, goal: Targets, extra: Index, static: Floats, recipe: Recipe, progress: Progress
) -> Calibrator:
    """Return the heads' calibration, from rows and copies that the network has not seen."""
    fold = folds([c.labels.prompts[i] for i in c.train], FOLDS, "calibration:")
    rows = c.twice(c.train)
    part = np.concatenate([fold, fold])
    logits = np.zeros((len(rows), len(MODELS)))
    for k in range(FOLDS):
        progress(f"calibration network {k + 1}/{FOLDS}")
        seen: Index = np.concatenate([c.train[fold != k], extra])
        network = fit(c.text, goal, c.twice(seen), static, recipe, progress)
        heads, bias = folded_heads(network)
        logits[part == k] = inputs(network, c.text, rows[part == k]) @ heads + bias
    right = c.labels.right[c.train]
    return calibrator(logits, c.text.cues[rows], np.concatenate([right, right]))


def _tensors(
    network: Network,
    vocabulary: Vocabulary,
    calibration: Calibrator,
) -> Tensors:
    rows, scales = quantise(network.rows)
    p = network.parameters
    heads, bias = calibration.folded(*folded_heads(network))
    cell = {name: np.asarray(getattr(p, name)) for name in ("u", "bias_z", "bias_h")}
    return model_tensors(vocabulary, rows, scales, cell, heads, bias)


def _config(
    network: Network,
    vocabulary: Vocabulary,
    data: LabelledPrompts,
    train: Index,
    c: Corpus,
    recipe: Recipe,
) -> BundleConfig:
    prompts = [data.prompts[i] for i in train]
    short = encoded(vocabulary, familiarity.sentences(prompts, recipe.seed))
    known, strange = (
        encoded(vocabulary, lines) for lines in (familiarity.FAMILIAR, familiarity.PROBES)
    )
    a, b = familiarity.fitted(
        (
            np.concatenate([c.text.surprisal[train], short.surprisal]),
            np.concatenate([c.text.seen[train], short.seen]),
        ),
        (known.surprisal, known.seen),
        (strange.surprisal, strange.seen),
    )
    logistic = lambda x: float(np.float32(1 / (1 + np.exp(-float(x)))))  # noqa: E731
    return BundleConfig(
        models=MODELS,
        lam=recipe.lam,
        zeta=logistic(network.parameters.zeta),
        nu=logistic(network.parameters.nu),
        unknown=0,
        unfamiliar=(a, b),
    )


def _provenance(
    data: LabelledPrompts, train: Index, held_out: int, folder: Path, recipe: Recipe
) -> dict[str, Any]:
    sources = sorted(set(data.sources))
    counts = {s: int(data.take(train).of_source(s).sum()) for s in sources}
    return {
        "trained_on": counts,
        "held_out": held_out,
        "assumed": len(requests()[0]) + len(requests()[1]),
        "files": file_hashes(folder),
        "recipe": asdict(recipe),
        "static_embedding": "all-MiniLM-L6-v2 (Apache-2.0)",
    }


def _finished(
    tensors: Tensors, config: BundleConfig, rows: LabelledPrompts, provenance: dict[str, Any]
) -> Shipped:
    none = calibration_tensors([], [], [], len(MODELS))
    draft = write_bundle({**tensors, **none}, config, Policy(threshold=-2.0), provenance)
    scored = score(draft, rows)
    quality = rows.quality.tolist()
    policy = policy_for(sweep(scored.score[:, None].tolist(), quality), len(rows))
    calibrated = calibration_tensors(
        scored.score.tolist(), scored.probability[:, 0].tolist(), quality, len(MODELS)
    )
    bundle = write_bundle({**tensors, **calibrated}, config, policy, provenance)
    return Shipped(bundle, scored, provenance, policy)


def score(bundle: bytes, rows: LabelledPrompts) -> Scored:
    """Return the rows scored by the kernel with this bundle."""
    scorer = open_kernel(read_bundle(bundle), FRONT + BACK)
    found = [scorer.score_text(cut(prompt)[0]) for prompt in rows.prompts]
    return Scored(
        rows,
        np.array([f.scores[0] for f in found], np.float32),
        np.array([f.probabilities for f in found], np.float32),
    )
