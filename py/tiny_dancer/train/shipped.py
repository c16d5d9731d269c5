"""The shipped bundle: from the labelled files to its bytes and the figures of its report."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..calibration.sweep import kept_and_share, sweep
from ..calibration.tensors import calibration_tensors
from ..calibration.threshold import QUALITY_KEPT, estimate_policy
from ..hosts import open_kernel
from ..model import read_bundle, write_bundle
from ..model.bundle import BundleConfig
from ..model.quantise import quantise
from ..model.spec import Tensors
from ..policy import Estimate, Policy
from ..text import cut
from . import familiarity
from .assemble import model_tensors
from .corpora import Corpus, usable
from .encoded import Index, encoded
from .everyday import foreign_requests
from .fit import Network, folded_heads
from .heads import CAPITALS, Calibrator, without_capitals
from .labels import LabelledPrompts
from .minilm import MiniLM
from .network import Floats
from .prepared import prepare
from .recipe import Recipe
from .split import first_of_stem
from .vocabulary import BACK, FRONT, Vocabulary
from .wider import file_hashes, read_wide

MODELS = ("light", "powerful")
SAMPLED = 48
"""Prompts whose kept states are compared with new ones."""
CLOSE = 2.0**-10
"""A step of binary16: other batches and threads add in another order, which moves few numbers."""

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
    progress("network for the calibration")
    _, calibration = prepared.fit_and_calibrate(recipe, progress)
    progress("final network")
    network = prepared.fit(prepared.all(), recipe, progress)
    tensors = _tensors(network, prepared.vocabulary, calibration)
    config = _config(network, prepared.vocabulary, data, train, prepared.corpus, recipe)
    facts = _provenance(data, train, len(held), prepared.extra, folder, recipe)
    return _finished(tensors, config, held, facts, recipe.threshold)


def calibration_rows(data: LabelledPrompts, untouched: Index) -> LabelledPrompts:
    """Return one held-out row a stem: the first in the order of the sources' names."""
    rows = data.take(untouched)
    return rows.take(np.flatnonzero(first_of_stem(rows.prompts)))


def sentence_features(
    encoder: MiniLM, data: LabelledPrompts, progress: Progress, cache: Path | None
) -> Floats:
    """Return MiniLM's pooled states [N, 1152], each rounded to binary16.

    Read from `cache` where it was written for the same prompts and a sample made anew agrees, else
    written to it where given; a run gives the same bytes with a cache and without.
    """
    digest = hashlib.sha256("\0".join(data.prompts).encode("utf-8", "surrogatepass")).hexdigest()
    if cache is not None and cache.is_file():
        with np.load(cache) as file:
            kept = (
                np.asarray(file["states"], np.float32) if str(file["prompts"]) == digest else None
            )
        if kept is not None:
            apart = largest_difference(encoder, data.prompts, kept)
            progress(f"MiniLM: kept states are {apart:.1e} from a sample made anew, at most")
            if apart <= CLOSE:
                return kept
    states = encoder.sentences(data.prompts, progress).astype(np.float16)
    if cache is not None:
        np.savez(cache, states=states, prompts=digest)
    return states.astype(np.float32)


def largest_difference(encoder: MiniLM, prompts: Sequence[str], kept: Floats) -> float:
    """Return how far kept states are from those of `SAMPLED` prompts made anew, at most.

    Differences of numbers beyond 1 are taken by their size, as binary16 rounds them.
    """
    rows = np.unique(np.linspace(0, len(prompts) - 1, SAMPLED).astype(np.int64))
    anew = encoder.sentences([prompts[i] for i in rows]).astype(np.float16).astype(np.float32)
    return float((abs(kept[rows] - anew) / np.maximum(1, abs(anew))).max())


def _tensors(
    network: Network,
    vocabulary: Vocabulary,
    calibration: Calibrator,
) -> Tensors:
    rows, scales = quantise(network.rows)
    p = network.parameters
    heads, bias = calibration.folded(*folded_heads(network))
    heads, bias = without_capitals(heads, bias, float(network.cue_mean[CAPITALS]))
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
    held_out = calibration_tensors(
        scored.score.tolist(), scored.probability[:, 0].tolist(), rows.quality.tolist(), len(MODELS)
    )
    draft = write_bundle({**tensors, **held_out}, config, Policy(threshold=-2.0), provenance)
    policy = replace(estimate_policy(read_bundle(draft), QUALITY_KEPT), bundle_hash=None)
    if threshold is not None:
        points = sweep(scored.score[:, None].tolist(), rows.quality.tolist())
        kept, share = kept_and_share(points, threshold)
        estimate = Estimate(round(kept, 6), round(share, 6), len(rows))
        policy = replace(policy, threshold=threshold, estimate=estimate)
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
