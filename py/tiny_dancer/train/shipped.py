"""The shipped bundle: from the labelled files to its bytes and the figures of its report."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..calibration.sweep import kept_and_share, sweep
from ..calibration.tensors import calibration_tensors
from ..calibration.threshold import policy_for
from ..hosts import open_kernel
from ..model import read_bundle, write_bundle
from ..model.bundle import BundleConfig
from ..model.quantise import quantise
from ..model.spec import Tensors
from ..policy import Estimate, Policy
from ..text import cut
from . import familiarity
from .assemble import model_tensors
from .corpora import Corpus, corpus, targets, usable
from .encoded import Index, encoded
from .everyday import assumed, foreign_requests
from .fit import Network, Targets, fit, folded_heads, inputs
from .heads import Calibrator, calibrator
from .labels import LabelledPrompts, concatenate
from .marks import taught
from .minilm import MiniLM
from .network import Floats
from .recipe import Recipe
from .split import first_of_stem, folds
from .vocabulary import BACK, FRONT, Vocabulary, build
from .wider import file_hashes, read_marks, read_wide

MODELS = ("light", "powerful")
FOLDS = 3
"""One in so many of the training stems calibrates the heads, by a network that has not seen it."""

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


def train_bundle(folder: Path, recipe: Recipe, progress: Progress) -> Shipped:
    """Train on all trainable rows but the held-out stems, which give the calibration rows."""
    data, train, untouched = usable(read_wide(folder))
    held = calibration_rows(data, untouched)
    progress(f"{len(train):,} prompts to train on, {len(held):,} stems held out")
    prepared = prepare(data, train, untouched, folder, recipe, progress)
    calibration = _calibration(prepared, recipe, progress)
    progress("final network")
    network = prepared.fit(train, recipe, progress)
    tensors = _tensors(network, prepared.vocabulary, calibration)
    config = _config(network, prepared.vocabulary, data, train, prepared.corpus, recipe)
    facts = _provenance(data, train, len(held), prepared.extra, folder, recipe)
    return _finished(tensors, config, held, facts, recipe.threshold)


@dataclass(frozen=True)
class Prepared:
    """What networks on one set of training rows share."""

    corpus: Corpus
    """The labelled rows, then the assumed requests; each has a copy."""
    goal: Targets
    extra: Index
    """The assumed requests."""
    vocabulary: Vocabulary
    static: Floats

    def fit(self, rows: Index, recipe: Recipe, progress: Progress) -> Network:
        """Fit to these labelled rows, the assumed requests and the copies of all."""
        rows = self.corpus.twice(np.concatenate([rows, self.extra]))
        return fit(self.corpus.text, self.goal, rows, self.static, recipe, progress)


def prepare(
    data: LabelledPrompts,
    train: Index,
    untouched: Index,
    folder: Path,
    recipe: Recipe,
    progress: Progress,
) -> Prepared:
    """Return vocabulary, encoded rows and targets; nothing of other rows than `train` enters."""
    encoder = MiniLM()
    requested = assumed(sorted({data.sources[i] for i in train}))
    texts = [*(data.prompts[i] for i in train), *requested.prompts]
    vocabulary = build(encoder.vocabulary, texts, recipe.vocabulary, foreign_requests())
    progress("vocabulary")
    c = corpus(concatenate([data, requested]), train, untouched, vocabulary)
    target = c.labels.right
    if recipe.distillation > 0:
        progress("teacher")
        soft = taught(data, read_marks(folder), train)
        mixed = (1 - recipe.distillation) * target[: len(data)] + recipe.distillation * soft
        target[: len(data)] = np.where(np.isnan(soft), target[: len(data)], mixed)
    goal = _with_requests(targets(c, target, recipe), requested, recipe.everyday)
    extra: Index = np.arange(len(data), len(c.labels))
    return Prepared(c, goal, extra, vocabulary, encoder.static(vocabulary.entries))


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


def _calibration(prepared: Prepared, recipe: Recipe, progress: Progress) -> Calibrator:
    """Return the heads' calibration, from rows and copies that a network has not seen."""
    c = prepared.corpus
    fold = folds([c.labels.prompts[i] for i in c.train], FOLDS, "calibration:")
    progress("network for the calibration")
    network = prepared.fit(c.train[fold != 0], recipe, progress)
    return calibrated(network, c, c.train[fold == 0], prepared.goal, prepared.extra)


def calibrated(network: Network, c: Corpus, rows: Index, goal: Targets, extra: Index) -> Calibrator:
    """Return the calibration of a network's heads on rows and copies that it has not seen.

    Beside their marks it reads what is assumed of the everyday requests (`extra`): exams alone
    would draw every probability towards their own middle, that of a greeting too.
    """
    heads, bias = folded_heads(network)
    both = c.twice(np.concatenate([rows, extra]))
    logits = (inputs(network, c.text, both) @ heads + bias).astype(np.float64)
    right = np.concatenate([c.labels.right[rows], goal.value[extra]])
    return calibrator(logits, c.text.cues[both], np.concatenate([right, right]))


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
    known, strange, foreign = (
        encoded(vocabulary, lines)
        for lines in (familiarity.FAMILIAR, familiarity.PROBES, foreign_requests())
    )
    a, b = familiarity.fitted(
        (
            np.concatenate([c.text.surprisal[train], short.surprisal]),
            np.concatenate([c.text.seen[train], short.seen]),
        ),
        (known.surprisal, known.seen),
        (strange.surprisal, strange.seen),
        foreign=(foreign.surprisal, foreign.seen),
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
    data: LabelledPrompts,
    train: Index,
    held_out: int,
    assumed: Index,
    folder: Path,
    recipe: Recipe,
) -> dict[str, Any]:
    sources = sorted(set(data.sources))
    counts = {s: int(data.take(train).of_source(s).sum()) for s in sources}
    return {
        "trained_on": counts,
        "held_out": held_out,
        "assumed": len(assumed),
        "files": file_hashes(folder),
        "recipe": asdict(recipe),
        "static_embedding": "all-MiniLM-L6-v2 (Apache-2.0)",
    }


def _finished(
    tensors: Tensors,
    config: BundleConfig,
    rows: LabelledPrompts,
    provenance: dict[str, Any],
    threshold: float | None,
) -> Shipped:
    none = calibration_tensors([], [], [], len(MODELS))
    draft = write_bundle({**tensors, **none}, config, Policy(threshold=-2.0), provenance)
    scored = score(draft, rows)
    quality = rows.quality.tolist()
    points = sweep(scored.score[:, None].tolist(), quality)
    policy = policy_for(points, len(rows))
    if threshold is not None:
        kept, share = kept_and_share(points, threshold)
        estimate = Estimate(round(kept, 6), round(share, 6), len(rows))
        policy = replace(policy, threshold=threshold, estimate=estimate)
    held_out = calibration_tensors(
        scored.score.tolist(), scored.probability[:, 0].tolist(), quality, len(MODELS)
    )
    bundle = write_bundle({**tensors, **held_out}, config, policy, provenance)
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
