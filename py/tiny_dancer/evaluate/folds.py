"""The recipe beside its baselines, every prompt scored by a model that saw none of its stem."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..train.corpora import Corpus, corpus, distilled, targets
from ..train.encoded import Index
from ..train.fit import fit, folded_heads, inputs
from ..train.heads import routing_score
from ..train.labels import LabelledPrompts
from ..train.minilm import WIDTH, MiniLM
from ..train.network import Floats
from ..train.recipe import Recipe
from ..train.vocabulary import build
from .baselines import Featuriser, crossed, dense, gain, tfidf
from .curve import Routing, measure
from .probability import auc, calibration_error

Progress = Callable[[str], None]
LAMBDAS = tuple(np.round(np.arange(0, 1.01, 0.1), 1))
RANDOM_ORDERS = 100


@dataclass(frozen=True)
class Study:
    """One source in folds, and what else the recipe may train on."""

    data: LabelledPrompts
    fold: npt.NDArray[np.int64]
    """[N] −1 for rows of other sources, which are always trained on."""
    states: Floats
    """[N, 1152] MiniLM's pooled states."""

    @property
    def target(self) -> Index:
        """Rows that are scored."""
        return np.flatnonzero(self.fold >= 0)


def ours(
    study: Study, recipe: Recipe, encoder: MiniLM, progress: Progress
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], list[float]]:
    """Return out-of-fold p [n, M], routing score [n] of the target rows, and the λ of each fold.

    Vocabulary, teacher, network and λ all come from the training rows alone.
    """
    data = study.data
    p = np.zeros(data.quality.shape)
    score, lambdas = np.zeros(len(data)), []
    every = np.unique(study.fold[study.target])
    for k in every:
        train, test = np.flatnonzero(study.fold != k), np.flatnonzero(study.fold == k)
        progress(f"fold {int(k) + 1}/{len(every)}: {len(train):,} prompts")
        vocabulary = build(encoder.vocabulary, [data.prompts[i] for i in train], recipe.vocabulary)
        c = corpus(data, train, test, vocabulary)
        p[test], lam = _fold(c, study.states, encoder.static(vocabulary.entries), recipe, progress)
        score[test] = routing_score(p[test], lam)
        lambdas.append(lam)
    return p[study.target], score[study.target], lambdas


def _fold(
    c: Corpus, states: Floats, static: Floats, recipe: Recipe, progress: Progress
) -> tuple[npt.NDArray[np.float64], float]:
    target = distilled(c, states, recipe)
    rows = c.twice(c.train) if recipe.copy_weight > 0 else c.train
    network = fit(c.text, targets(c, target, recipe), rows, static, recipe, progress)
    group = int(c.group[c.held_out[0]])
    heads, bias = folded_heads(network, group)
    logits = inputs(network, c.text, c.held_out) @ heads + bias
    own = c.train[c.group[c.train] == group]
    soft = (target[own] - (1 - recipe.distillation) * c.labels.right[own]) / recipe.distillation
    lam = best_lambda(soft.astype(np.float64), c.labels.quality[own])
    return 1 / (1 + np.exp(-logits.astype(np.float64))), lam


def best_lambda(p: npt.NDArray[np.float64], quality: Floats) -> float:
    """Return the λ of the grid with the highest APGR, from probabilities of unseen rows."""
    figures = [measure(routing_score(p, x), quality[:, 0], quality[:, -1]).apgr for x in LAMBDAS]
    return float(LAMBDAS[int(np.argmax(figures))])


def table(
    study: Study, recipe: Recipe, encoder: MiniLM, cues: Floats, progress: Progress
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and figures of every router on the study's target, as they come.

    The baselines and "in domain" train within the source, and "in domain" may read the length;
    "as shipped" has the shipped settings and trains on the other sources too. `cues` [N, 16].
    """
    rows = study.target
    data, fold = study.data.take(rows), study.fold[rows]
    light, strong = data.quality[:, 0], data.quality[:, -1]
    rng = np.random.default_rng(recipe.seed)
    orders = [measure(rng.random(len(data)), light, strong) for _ in range(RANDOM_ORDERS)]
    means = {name: float(np.mean([getattr(o, name) for o in orders])) for name in asdict(orders[0])}
    yield "random", means | {"apgr_deviation": float(np.std([o.apgr for o in orders]))}
    yield "length", asdict(measure([len(p) for p in data.prompts], light, strong))
    baselines: list[tuple[str, Featuriser, float]] = [
        ("cues + LR", dense(cues[rows]), 1.0),
        ("TF-IDF + LR", tfidf(data.prompts), 1.0),
        ("MiniLM-384 + LR", dense(study.states[rows, -WIDTH:]), 0.003),
    ]
    for name, features, c in baselines:
        progress(name)
        yield name, _figures(crossed(features, data.right, fold, c), None, data)
    alone = Study(data, fold, study.states[rows])
    for name, run, settings in (
        ("tiny dancer, in domain", alone, replace(recipe, length_cues=True, copy_weight=0.0)),
        ("tiny dancer, as shipped", study, recipe),
    ):
        progress(name)
        p, score, lambdas = ours(run, settings, encoder, progress)
        yield name, _figures(p, score, data) | {"lambda": lambdas, "recipe": asdict(settings)}


def _figures(
    p: npt.NDArray[np.float64], score: npt.NDArray[np.float64] | None, data: LabelledPrompts
) -> dict[str, Any]:
    s = gain(p) if score is None else score
    figures: Routing = measure(s, data.quality[:, 0], data.quality[:, -1])
    right = data.right
    return asdict(figures) | {
        "ece_light": calibration_error(p[:, 0], right[:, 0]),
        "ece_powerful": calibration_error(p[:, -1], right[:, -1]),
        "auc_light": auc(p[:, 0], right[:, 0]),
    }


def write(path: Path, rows: dict[str, dict[str, Any]], facts: dict[str, Any]) -> None:
    """Write the figures as JSON, rounded to 4 decimals."""
    rounded = json.loads(
        json.dumps({**facts, "routers": rows}), parse_float=lambda x: round(float(x), 4)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")
