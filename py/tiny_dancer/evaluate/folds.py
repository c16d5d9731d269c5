"""The recipe beside its baselines, every prompt scored by a model that saw none of its stem."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..train.corpora import Corpus, corpus
from ..train.fit import Targets, fit, folded_heads, inputs
from ..train.heads import routing_score
from ..train.labels import LabelledPrompts
from ..train.minilm import WIDTH, MiniLM
from ..train.network import Floats
from ..train.recipe import Recipe
from ..train.teacher import TeacherInputs, crossed_teacher
from ..train.vocabulary import build
from .baselines import Featuriser, dense, gain, regressions, tfidf
from .curve import Routing, measure
from .probability import auc, calibration_error

Progress = Callable[[str], None]
LAMBDAS = tuple(np.round(np.arange(0, 1.01, 0.1), 1))
RANDOM_ORDERS = 100


@dataclass(frozen=True)
class Study:
    """One data set and how it is folded."""

    data: LabelledPrompts
    fold: npt.NDArray[np.int64]
    """[N]"""
    states: Floats
    """[N, 1152] MiniLM's pooled states."""


def ours(
    study: Study, recipe: Recipe, encoder: MiniLM, progress: Progress
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], list[float]]:
    """Return out-of-fold p [N, M], routing score [N] and the λ of each fold.

    Vocabulary, teacher, network, calibration and λ all come from the training folds alone.
    """
    data = study.data
    p = np.zeros(data.quality.shape)
    score, lambdas = np.zeros(len(data)), []
    for k in np.unique(study.fold):
        train, test = np.flatnonzero(study.fold != k), np.flatnonzero(study.fold == k)
        progress(f"fold {int(k) + 1}/{len(np.unique(study.fold))}: {len(train):,} prompts")
        vocabulary = build(encoder.vocabulary, [data.prompts[i] for i in train], recipe.vocabulary)
        c = corpus(data, train, test, vocabulary)
        p[test], lam = _fold(c, study.states, encoder.static(vocabulary.entries), recipe, progress)
        score[test] = routing_score(p[test], lam)
        lambdas.append(lam)
    return p, score, lambdas


def _fold(
    c: Corpus, states: Floats, static: Floats, recipe: Recipe, progress: Progress
) -> tuple[npt.NDArray[np.float64], float]:
    data, right = c.labels, c.labels.right
    known = TeacherInputs(data.prompts, np.hstack([states, c.text.cues[: len(data)]]), c.group)
    soft = crossed_teacher(known, right, c.train)
    mix = (1 - recipe.distillation) * right + recipe.distillation * soft
    target = np.where(np.isnan(soft), right, mix).astype(np.float32)
    weight = np.concatenate([np.ones(len(data)), recipe.bare_weight * c.has_bare])
    targets = Targets(
        np.concatenate([target, target]),
        weight.astype(np.float32),
        np.concatenate([c.group, c.group]),
    )
    network = fit(c.text, targets, c.twice(c.train), static, recipe, progress)
    heads, offsets = folded_heads(network)
    logits = inputs(network, c.text, c.held_out) @ heads + offsets[c.group[c.held_out]]
    quality = data.quality[c.train]
    lam = best_lambda(soft[c.train].astype(np.float64), quality)
    return 1 / (1 + np.exp(-logits.astype(np.float64))), lam


def best_lambda(p: npt.NDArray[np.float64], quality: Floats) -> float:
    """Return the λ of the grid with the highest APGR, from probabilities of unseen rows."""
    figures = [measure(routing_score(p, x), quality[:, 0], quality[:, -1]).apgr for x in LAMBDAS]
    return float(LAMBDAS[int(np.argmax(figures))])


def regression_baseline(
    study: Study, features: Featuriser, c: float = 1.0
) -> npt.NDArray[np.float64]:
    """Return out-of-fold p [N, M] of two logistic regressions."""
    p = np.zeros(study.data.quality.shape)
    for k in np.unique(study.fold):
        train, test = np.flatnonzero(study.fold != k), np.flatnonzero(study.fold == k)
        a, b = features(train, test)
        p[test] = regressions(a, study.data.right[train], b, c)
    return p


def table(
    study: Study, recipe: Recipe, encoder: MiniLM, cues: Floats, progress: Progress
) -> dict[str, dict[str, Any]]:
    """Return the figures of every router on the study: name → figures."""
    data = study.data
    light, strong = data.quality[:, 0], data.quality[:, -1]
    rng = np.random.default_rng(recipe.seed)
    orders = [measure(rng.random(len(data)), light, strong) for _ in range(RANDOM_ORDERS)]
    rows: dict[str, dict[str, Any]] = {
        "random": {
            name: float(np.mean([getattr(o, name) for o in orders])) for name in asdict(orders[0])
        }
        | {"apgr_deviation": float(np.std([o.apgr for o in orders]))},
        "length": asdict(measure([len(p) for p in data.prompts], light, strong)),
    }
    baselines: list[tuple[str, Featuriser, float]] = [
        ("cues + LR", dense(cues), 1.0),
        ("TF-IDF + LR", tfidf(data.prompts), 1.0),
        ("MiniLM-384 + LR", dense(study.states[:, -WIDTH:]), 0.003),
    ]
    for name, features, c in baselines:
        progress(name)
        rows[name] = _figures(regression_baseline(study, features, c), None, data)
    progress("this recipe")
    p, score, lambdas = ours(study, recipe, encoder, progress)
    rows["tiny dancer"] = _figures(p, score, data) | {"lambda": lambdas}
    return rows


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
