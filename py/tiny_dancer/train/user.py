"""A bundle trained on labels of one's own: any number of models, no MiniLM, minutes."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..adapt.labels import ANSWERS_WELL, Labels
from ..adapt.regression import Sample
from ..adapt.stem import draw, stem
from ..calibration.sweep import sweep
from ..calibration.tensors import calibration_tensors
from ..calibration.threshold import policy_for
from ..errors import InvalidInputError
from ..hosts import open_kernel
from ..model import Bundle, BundleConfig, read_bundle, write_bundle
from ..model.quantise import quantise
from ..model.spec import SYMBOLS, Tensors
from ..policy import Policy
from ..text import cut
from . import familiarity
from .assemble import model_tensors
from .encoded import Encoded, Index, encoded
from .fit import Network, Targets, fit, folded_heads, inputs
from .heads import Calibrator
from .network import Floats
from .recipe import Recipe
from .split import HOLDOUT_SHARE, first_of_stem
from .start import Start, parameters, start_from
from .vocabulary import BACK, FRONT

STOPPING = 0.15
"""Share of stems that say when to stop. `HOLDOUT_SHARE` of them give calibration rows and policy:
the same stems that the shipped bundle never saw, should the labels be of public prompts."""
LEAST = 200
"""Questions that training needs: 15 % are held out, and an interval takes 30."""
LEAST_OF_EACH = 10
"""Of the questions that the cheapest model answers well, and of those that it fails on."""
PATIENCE = 4
"""Epochs without a better log-loss on the stopping part before training ends."""

USER_RECIPE = Recipe(
    epochs=30, batch=64, table_decay=0.02, distillation=0.0, copy_weight=0.0, deviation_rate=0.0
)
"""No teacher, no copies, one source; more and smaller steps than for the shipped bundle."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Parts:
    """Rows of the labels by what they are for; no question stands in two."""

    train: Index
    stopping: Index
    held_out: Index
    """One row a question."""


def train_labels(
    labels: Labels,
    start: Bundle,
    recipe: Recipe = USER_RECIPE,
    vocabulary: int | None = None,
    progress: Progress = lambda line: None,
) -> bytes:
    """Return the bundle; the same labels, start and recipe give the same bytes on one machine.

    Args:
        labels: rows of weight 0 are left out.
        start: bundle whose vocabulary and network are the start. With another number of hidden
            units, only its token table is.
        recipe: settings.
        vocabulary: entries of the vocabulary, chosen from the start's and the prompts' words;
            None: the start's.
        progress: told a line now and then.

    Raises:
        InvalidInputError: too few labels, or nothing to tell apart.
    """
    quality = np.array(labels.quality, np.float32)
    parts = parts_of(labels)
    check(labels, quality, parts)
    progress(
        f"{len(parts.train):,} prompts to train on, {len(parts.stopping):,} to stop by, "
        f"{len(parts.held_out):,} held out"
    )
    first = start_from(start, [labels.prompts[i] for i in parts.train], vocabulary)
    data = encoded(first.vocabulary, labels.prompts)
    right = (quality >= ANSWERS_WELL).astype(np.float32)
    weight = np.array(labels.weights, np.float32)
    network = _fitted(
        data, Targets(right, weight, np.zeros(len(right), np.int64)), parts, first, recipe, progress
    )
    tensors = _tensors(network, data, right, parts.stopping, first)
    short = familiarity.sentences([labels.prompts[i] for i in parts.train], recipe.seed)
    rule = _unfamiliar(first, data, parts.train, short)
    config = _config(network, labels.models, recipe, rule)
    provenance = {
        "labels": {"sha256": labels.digest, "rows": len(labels)},
        "trained_on": len(parts.train),
        "stopped_by": len(parts.stopping),
        "held_out": len(parts.held_out),
        "started_from": start.bundle_hash,
        "recipe": asdict(recipe),
    }
    return _finished(tensors, config, labels, parts.held_out, provenance)


def parts_of(labels: Labels) -> Parts:
    """Return the rows by what they are for, the same for the same questions."""
    used = np.flatnonzero(np.array(labels.weights) > 0)
    place = np.array([draw(labels.prompts[i], "holdout:") for i in used])
    out = used[place < HOLDOUT_SHARE]
    first = first_of_stem([labels.prompts[i] for i in out])
    return Parts(
        used[place >= HOLDOUT_SHARE + STOPPING],
        used[(place >= HOLDOUT_SHARE) & (place < HOLDOUT_SHARE + STOPPING)],
        out[first][: SYMBOLS["N"][-1]],
    )


def check(labels: Labels, quality: Floats, parts: Parts) -> None:
    """Raise InvalidInputError where the labels are too few, or nothing tells them apart."""
    used = np.concatenate([parts.train, parts.stopping, parts.held_out])
    questions = len({stem(labels.prompts[i]) for i in used})
    if questions < LEAST:
        raise InvalidInputError(
            f"labels of at least {LEAST} different questions are needed, there are {questions}; "
            "adapt makes do with fewer"
        )
    well = int((quality[used, 0] >= ANSWERS_WELL).sum())
    for count, what in ((well, "answers well"), (len(used) - well, "fails on")):
        if count < LEAST_OF_EACH:
            raise InvalidInputError(
                f"at least {LEAST_OF_EACH} prompts that {labels.models[0]}, the "
                f"cheapest model, {what} are needed; there are {count}"
            )


def _fitted(
    data: Encoded,
    targets: Targets,
    parts: Parts,
    first: Start,
    recipe: Recipe,
    progress: Progress,
) -> Network:
    """Return the network of the epoch with the least log-loss on the stopping part."""
    best: list[tuple[float, Network]] = []
    waited = 0
    right = targets.value[parts.stopping]

    def enough(network: Network) -> bool:
        nonlocal waited
        logits = _logits(network, data, parts.stopping)
        lost = float((np.logaddexp(0, logits) - right * logits).mean())
        waited += 1
        if not best or lost < best[0][0]:
            best[:] = [(lost, network)]
            waited = 0
        progress(f"  log-loss to stop by: {lost:.4f}{'' if waited else ', the least so far'}")
        return waited >= PATIENCE

    rows, begin = parts.train, None
    if first.bundle.sizes["H"] == recipe.hidden:
        rates = np.average(targets.value[rows], 0, targets.weight[rows])[None].astype(np.float64)
        begin = parameters(first, data, rows, rates)
    fit(data, targets, rows, first.rows, recipe, progress, begin, enough)
    return best[0][1]


def _logits(network: Network, data: Encoded, rows: Index) -> npt.NDArray[np.float64]:
    heads, bias = folded_heads(network, 0)
    return (inputs(network, data, rows) @ heads + bias).astype(np.float64)


def _tensors(network: Network, data: Encoded, right: Floats, rows: Index, first: Start) -> Tensors:
    """Return the model's tensors, its heads calibrated on `rows`."""
    found = _calibrator(_logits(network, data, rows), right[rows])
    heads, bias = found.folded(*folded_heads(network, 0))
    table, scales = quantise(network.rows)
    cell = {n: np.asarray(getattr(network.parameters, n)) for n in ("u", "bias_z", "bias_h")}
    return model_tensors(first.vocabulary, table, scales, cell, heads, bias)


def _calibrator(logits: npt.NDArray[np.float64], right: Floats) -> Calibrator:
    """Return scale and shift of each head (Platt 1999), held near 1 and 0 by adapt's prior.

    So few rows, or rows told apart without a fault, neither turn a head round nor make it sure of
    everything.
    """
    models = right.shape[1]
    found = [
        Sample([[float(z), 1.0] for z in logits[:, m]], right[:, m].tolist(), [1.0] * len(right))
        for m in range(models)
    ]
    scale, shift = np.array([sample.fit(0.0) for sample in found]).T
    return Calibrator(scale, np.zeros((2, models)), shift)


def _unfamiliar(first: Start, data: Encoded, rows: Index, short: list[str]) -> tuple[float, float]:
    lines = encoded(first.vocabulary, short)
    known, strange = (
        encoded(first.vocabulary, text) for text in (familiarity.FAMILIAR, familiarity.PROBES)
    )
    return familiarity.fitted(
        (
            np.concatenate([data.surprisal[rows], lines.surprisal]),
            np.concatenate([data.seen[rows], lines.seen]),
        ),
        (known.surprisal, known.seen),
        (strange.surprisal, strange.seen),
    )


def _config(
    network: Network, models: tuple[str, ...], recipe: Recipe, unfamiliar: tuple[float, float]
) -> BundleConfig:
    logistic = lambda x: float(np.float32(1 / (1 + np.exp(-float(x)))))  # noqa: E731
    return BundleConfig(
        models=models,
        lam=recipe.lam,
        zeta=logistic(network.parameters.zeta),
        nu=logistic(network.parameters.nu),
        unknown=0,
        unfamiliar=unfamiliar,
    )


def _finished(
    tensors: Tensors,
    config: BundleConfig,
    labels: Labels,
    rows: Index,
    provenance: dict[str, Any],
) -> bytes:
    """Return the file, with calibration rows and policy from the held-out rows by the kernel."""
    quality = [labels.quality[i] for i in rows]
    models = len(labels.models)
    none = calibration_tensors([], [], [], models)
    draft = read_bundle(write_bundle({**tensors, **none}, config, Policy(-2.0), provenance))
    scorer = open_kernel(draft, FRONT + BACK)
    found = [scorer.score_text(cut(labels.prompts[i])[0]) for i in rows]
    policy = policy_for(sweep([score.scores for score in found], quality), len(rows))
    calibrated = calibration_tensors(
        [score.scores[0] for score in found],
        [score.probabilities[0] for score in found],
        quality,
        models,
    )
    return write_bundle({**tensors, **calibrated}, config, policy, provenance)


def recipe(seed: int = 0, hidden: int | None = None, epochs: int | None = None) -> Recipe:
    """Return the recipe for labels of one's own, with some settings changed."""
    known = USER_RECIPE
    return replace(known, seed=seed, hidden=hidden or known.hidden, epochs=epochs or known.epochs)
