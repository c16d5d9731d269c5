"""The study: all runs of a part, and their figures in one results file a part."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from ...calibration.curve import measure
from ...calibration.probability import reliability
from ...train.labels import LabelledPrompts
from .choice import LAMBDAS, best_elsewhere, by_lambda
from .figures import (
    Figures,
    compared,
    pooled,
    profile,
    with_simple,
)
from .parts import NEVER_TRAINED, OURS, OURS_INT8, ZERO_SHOT, Run, Scores, parts
from .runs import Bench

Progress = Callable[[str], None]


def study(bench: Bench, results: Path, wanted: Sequence[str], progress: Progress) -> None:
    """Run the wanted parts (all where none is named) and write a results file for each."""
    for part, group in groupby(parts(bench.data), key=lambda run: run.part):
        if wanted and part not in wanted:
            continue
        runs = list(group)
        found = [bench.scores(run) for run in runs]
        progress(f"{part}: figures")
        write(results / f"{part}.json", FIGURES[part](bench.data, runs, found))


def write(path: Path, found: Figures) -> None:
    """Write figures as JSON, rounded to 4 decimals."""
    text = json.dumps(found)
    rounded = json.loads(text, parse_float=lambda x: round(float(x), 4))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def _facts(runs: Sequence[Run]) -> Figures:
    trained = [len(run.train) for run in runs]
    return {
        "runs": len(runs),
        "rows": sum(len(run.test) for run in runs),
        "trained_on": [min(trained), max(trained)],
    }


def _crossed(data: LabelledPrompts, runs: Sequence[Run], found: Sequence[Scores]) -> Figures:
    """Folds of one source: all rows scored once, the λ of each fold from its training rows."""
    rows, routers = pooled(found)
    part = data.take(rows)
    p = np.concatenate([f[OURS] for f in found])
    return _facts(runs) | {
        "lambda": [float(f["lambda"]) for f in found],
        "apgr_by_lambda": dict(zip(map(str, LAMBDAS), by_lambda(p, part.quality), strict=True)),
        "routers": compared(part, with_simple(part, routers)),
        "profile": profile(routers[OURS][1], part),
        "reliability_light": [astuple(b) for b in reliability(p[:, 0], part.right[:, 0])],
        "reliability_powerful": [astuple(b) for b in reliability(p[:, -1], part.right[:, -1])],
    }


def _left_out(data: LabelledPrompts, runs: Sequence[Run], found: Sequence[Scores]) -> Figures:
    """Each source by a model that saw none of it; its λ from the other left-out sources."""
    mean = [run.name in ZERO_SHOT for run in runs]
    curves = {
        run.name: by_lambda(f[OURS], data.quality[run.test])
        for run, f, in_mean in zip(runs, found, mean, strict=True)
        if in_mean
    }
    sources: Figures = {}
    for run, f in zip(runs, found, strict=True):
        lam = best_elsewhere(curves, run.name)
        rows, routers = pooled([f], lam)
        part = data.take(rows)
        sources[run.name] = _facts([run]) | {
            "lambda": lam,
            "routers": compared(part, with_simple(part, routers)),
        }
    names = list(sources[ZERO_SHOT[0]]["routers"])
    keys = ("apgr", "cpt50", "cpt80", "light90", "light95", "light98")
    return {
        "sources": sources,
        "mean": {
            name: {
                key: float(np.mean([sources[s]["routers"][name][key] for s in ZERO_SHOT]))
                for key in keys
            }
            for name in names
        },
        "lambda_of_all": best_elsewhere(curves, ""),
        "apgr_by_lambda": {
            str(x): float(np.mean([values[k] for values in curves.values()]))
            for k, x in enumerate(LAMBDAS)
        },
    }


def _never_trained(data: LabelledPrompts, runs: Sequence[Run], found: Sequence[Scores]) -> Figures:
    """Evaluation-only sources: the baselines; the shipped bundle's figures are in `shipped`."""
    rows, routers = pooled(found)
    sources = {}
    for source in NEVER_TRAINED:
        inside = data.take(rows).of_source(source)
        part = data.take(rows[inside])
        chosen = {
            name: (None if p is None else p[inside], score[inside])
            for name, (p, score) in routers.items()
        }
        sources[source] = {
            "rows": len(part),
            "routers": compared(part, with_simple(part, chosen), 2_000),
        }
    return _facts(runs) | {"sources": sources}


def _draws(data: LabelledPrompts, runs: Sequence[Run], found: Sequence[Scores]) -> Figures:
    """Few labels: mean and standard deviation over the draws."""
    every: dict[str, list[dict[str, float]]] = {}
    for f in found:
        rows, routers = pooled([f])
        part = data.take(rows)
        light, strong = part.quality[:, 0], part.quality[:, -1]
        for name, (_, score) in with_simple(part, routers).items():
            every.setdefault(name, []).append(asdict(measure(score, light, strong)))
    return _facts(runs) | {
        "routers": {
            name: {key: float(np.mean([d[key] for d in draws])) for key in draws[0]}
            | {"apgr_deviation": float(np.std([d["apgr"] for d in draws], ddof=1))}
            for name, draws in every.items()
        }
    }


def _sizes(data: LabelledPrompts, runs: Sequence[Run], found: Sequence[Scores]) -> Figures:
    points: list[Figures] = []
    for run, f in zip(runs, found, strict=True):
        rows, routers = pooled([f])
        part = data.take(rows)
        light, strong = part.quality[:, 0], part.quality[:, -1]
        v, h = run.recipe.vocabulary, run.recipe.hidden
        points.append(
            {
                "vocabulary": v,
                "hidden": h,
                "table_bytes": v * (h + 4),
                "apgr": measure(routers[OURS][1], light, strong).apgr,
                "apgr_int8": measure(routers[OURS_INT8][1], light, strong).apgr,
            }
        )
    return _facts(runs[:1]) | {"points": points}


FIGURES: dict[str, Callable[[LabelledPrompts, Sequence[Run], Sequence[Scores]], Any]] = {
    "mmlu-5fold": _crossed,
    "gsm8k-5fold": _crossed,
    "gsm8k-alone": _crossed,
    "mmlu-subjects": _crossed,
    "left-out": _left_out,
    "never-trained": _never_trained,
    "mmlu-1500": _draws,
    "sizes": _sizes,
}
