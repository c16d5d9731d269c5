"""The candidate scorer beside its baselines, on subjects and stems that no training saw."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from .candidate_chance import SIZES, alone, chances, fitted, mean_of, reliability, trial
from .candidate_fit import CandidateRecipe, Drawn, Step, fit_step, logits
from .candidate_stream import (
    FEATURES,
    POOL,
    Prompts,
    Requests,
    Stream,
    requests,
    split,
    stream,
    usable_rows,
)
from .encoded import Index
from .network import Floats

Array = npt.NDArray[np.float64]

SEEDS = (0, 1, 2, 3, 4)
KINDS = ("text", "sentence")
UNSEEN = (100, 101)
"""Draws of models and order for evaluation; training has those from 0 on."""
RESAMPLES = 2_000
SIMILARITY, SUCCESS = FEATURES.index("similarity"), FEATURES.index("success")


def drawn(prompts: Prompts, seed: int, draw: int) -> Drawn:
    """Return one draw with either kind of vector."""
    return Drawn(
        stream(prompts, prompts.text, seed, draw), stream(prompts, prompts.sentence, seed, draw)
    )


def calibrated(step: Step, prompts: Prompts, draw: Drawn, subjects: Index, seed: int) -> Step:
    """Return the step, its logits calibrated on new subjects outside the held-out stems."""
    trials = []
    for kind in KINDS:
        found = getattr(draw, kind)
        rows = usable_rows(prompts, found, subjects, held_out=False)
        for size in SIZES:
            rng = np.random.default_rng([seed, 4, size])
            one = trial(prompts, found, rows, subjects, size, rng)
            trials.append((one, logits(step, one.asked, kind == "text")))
    return step.calibrated(*fitted(trials))


def trained(
    prompts: Prompts, recipe: CandidateRecipe, progress: Callable[[str], None]
) -> tuple[Step, list[Drawn]]:
    """Return the calibrated step and the draws it was trained on."""
    train, held = split(prompts, recipe.seed)
    draws = [drawn(prompts, recipe.seed, k) for k in range(recipe.draws + 1)]
    step = fit_step(prompts, draws[:-1], train, recipe, progress)
    return calibrated(step, prompts, draws[-1], held, recipe.seed), draws[:-1]


@dataclass
class _Tally:
    """What the routers did on the requests of one table, seed by seed."""

    hits: dict[str, list[Array]] = field(default_factory=dict)
    """Router to [R, 2] each: 1 where the one that served well is first, among the first three."""
    prompts: list[Array] = field(default_factory=list)
    """[R] each: number of the prompt."""


def figures(
    prompts: Prompts, recipe: CandidateRecipe, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Return every figure of docs/candidates.md but those of the shipped calibration."""
    tallies: dict[str, _Tally] = {}
    for seed in SEEDS:
        progress(f"candidates, seed {seed}")
        step, draws = trained(prompts, replace(recipe, seed=seed), progress)
        train, held = split(prompts, seed)
        for kind in KINDS:
            regression = _regression(prompts, draws, kind, train, seed)
            for draw in UNSEEN:
                found = stream(prompts, getattr(prompts, kind), seed, draw)
                rows = usable_rows(prompts, found, held, held_out=True)
                for name, size in ((f"{kind}, {POOL}", POOL), (f"{kind}, all", len(held))):
                    rng = np.random.default_rng([seed, 5, draw])
                    asked = requests(prompts, found, rows, held, size, rng)
                    own = logits(step, asked, kind == "text")
                    scores = _scores(own, asked, regression)
                    _count(tallies.setdefault(name, _Tally()), scores, asked, rng)
                    tallies[name].prompts.append(rows.astype(np.float64))
    return {
        "seeds": list(SEEDS),
        "subjects": prompts.subjects,
        "held_out_subjects": len(split(prompts, 0)[1]),
        "prompts": len(prompts.subject),
        "tables": {name: _table(tally) for name, tally in tallies.items()},
    }


def meant(prompts: Prompts, step: Step, seed: int = 0) -> dict[str, Any]:
    """Return how well a scorer's chances are meant, on held-out stems of held-out subjects."""
    _, held = split(prompts, seed)
    found: dict[str, list[dict[str, float]]] = {}
    for kind in KINDS:
        for draw in UNSEEN:
            one_draw = stream(prompts, getattr(prompts, kind), seed, draw)
            rows = usable_rows(prompts, one_draw, held, held_out=True)
            for size in SIZES:
                rng = np.random.default_rng([seed, 9, draw, size])
                one = trial(prompts, one_draw, rows, held, size, rng)
                own = logits(step, one.asked, kind == "text")
                for way, read in (("", chances), (", each alone", alone)):
                    p = read(own, one.asked.live)
                    found.setdefault(f"{kind}, {size}{way}", []).append(reliability(p, one))
    return {name: mean_of(parts) for name, parts in found.items()}


def _count(
    tally: _Tally, scores: dict[str, Array], asked: Requests, rng: np.random.Generator
) -> None:
    label = asked.label.astype(np.float64)
    for router, score in scores.items():
        rank = _rank(score, asked.live, rng)
        hit = np.stack([(rank < k) * label for k in (1, 3)], 1)
        tally.hits.setdefault(router, []).append(hit)
    tally.hits.setdefault("ceiling", []).append(np.stack([label, label], 1))


def first_share(prompts: Prompts, found: Stream, subjects: Index, size: int, seed: int) -> float:
    """Return top-1 accuracy of the similarity alone on held-out stems of these subjects."""
    rng = np.random.default_rng([seed, 8])
    rows = usable_rows(prompts, found, subjects, held_out=True)
    asked = requests(prompts, found, rows, subjects, size, rng)
    rank = _rank(asked.features[..., SIMILARITY].astype(np.float64), asked.live, rng)
    return float(((rank < 1) * asked.label).mean())


def _regression(
    prompts: Prompts, draws: list[Drawn], kind: str, subjects: Index, seed: int
) -> Callable[[Floats], Array]:
    """Return the score of a logistic regression over the five features, standardised."""
    x, y = [], []
    for draw in draws:
        found = getattr(draw, kind)
        rows = usable_rows(prompts, found, subjects, held_out=False)
        asked = requests(prompts, found, rows, subjects, POOL, np.random.default_rng([seed, 6]))
        x.append(asked.features[asked.live])
        y.append(asked.labels[asked.live])
    features = np.concatenate(x)
    mean, spread = features.mean(0), features.std(0)
    spread[spread < 1e-6] = 1
    fit = LogisticRegression(C=1.0).fit((features - mean) / spread, np.concatenate(y))
    return lambda rows: np.asarray(((rows - mean) / spread) @ fit.coef_[0], np.float64)


def _scores(own: Array, asked: Requests, regression: Callable[[Floats], Array]) -> dict[str, Array]:
    return {
        "tiny dancer": own,
        "cosine only": asked.features[..., SIMILARITY].astype(np.float64),
        "success rate only": asked.features[..., SUCCESS].astype(np.float64),
        "logistic regression": regression(asked.features),
    }


def _rank(score: Array, live: npt.NDArray[np.bool_], rng: np.random.Generator) -> Array:
    """Rank [R] of candidate 0 from 0 on; ties in an order drawn anew."""
    held = np.where(live, score, -np.inf)
    luck = rng.random(score.shape)
    ahead = (held[:, 1:] > held[:, :1]) | (
        (held[:, 1:] == held[:, :1]) & (luck[:, 1:] > luck[:, :1])
    )
    return np.asarray(ahead.sum(1), np.float64)


def _table(tally: _Tally) -> dict[str, Any]:
    """Accuracies, regret, and how far ours is ahead; 95 % intervals by resampling prompts."""
    hit = {router: np.concatenate(parts) for router, parts in tally.hits.items()}
    _, group = np.unique(np.concatenate(tally.prompts), return_inverse=True)
    count, rng = int(group.max()) + 1, np.random.default_rng(0)
    weights = [
        np.bincount(rng.integers(0, count, count), minlength=count)[group] for _ in range(RESAMPLES)
    ]
    ceiling = hit.pop("ceiling")[:, 0]
    ours, per_seed = hit["tiny dancer"], len(UNSEEN)
    rows: dict[str, Any] = {}
    for router, own in hit.items():
        rows[router] = {
            "top1": float(own[:, 0].mean()),
            "top3": float(own[:, 1].mean()),
            "regret": float((ceiling - own[:, 0]).mean()),
            "top1_interval": _interval(own[:, 0], weights),
        }
        if router != "tiny dancer":
            ahead = ours - own
            parts = [
                a - b for a, b in zip(tally.hits["tiny dancer"], tally.hits[router], strict=True)
            ]
            by_seed = [
                float(np.concatenate(parts[at : at + per_seed])[:, 0].mean())
                for at in range(0, len(parts), per_seed)
            ]
            rows[router] |= {
                "ahead_top1": float(ahead[:, 0].mean()),
                "ahead_top1_interval": _interval(ahead[:, 0], weights),
                "ahead_top1_by_seed": by_seed,
                "ahead_top3": float(ahead[:, 1].mean()),
                "ahead_top3_interval": _interval(ahead[:, 1], weights),
            }
    return {"requests": len(ours), "ceiling": float(ceiling.mean()), "routers": rows}


def _interval(values: Array, weights: list[npt.NDArray[np.int64]]) -> list[float]:
    means = [float(values @ w / w.sum()) for w in weights]
    return [float(x) for x in np.quantile(means, [0.025, 0.975])]
