"""`python -m tiny_dancer.evaluate.several_models`: many models at once, with assumed prices.

From `models/` of TINY_DANCER_DATA to docs/results/quality/several-models.json, which `./build.sh
eval` draws. The shipped network reads the prompts; a head for every model is fitted to its head
inputs in folds of a source, and the model with the best p − μ · price answers.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SOURCES = ("arena_bench", "thoughtsource", "pareto_bench", "lawbench")
ASKED = 0.85
"""A model asked less often is left out, then prompts that a model left was not asked."""
DEAREST = 100.0
"""Assumed prices: from 1 for the worst model to this for the best, evenly on a log scale."""
KEPT, RESAMPLES, FOLDS = 0.95, 1_000, 5
RATES = (0.0, *np.geomspace(1e-4, 1.0, 200).tolist())
"""Values of μ, quality for money."""
RESULTS = Path(__file__).resolve().parents[3] / "docs" / "results" / "quality"

Array = npt.NDArray[np.float64]


def main() -> int:
    """Fit, measure and write; 0 done."""
    from ..hosts.package_data import default_bundle
    from ..model import read_bundle
    from ..train.labels import data_folder
    from ..train.wider import read_marks

    bundle = read_bundle(default_bundle() or b"")
    marks = {part.source: part for part in read_marks(data_folder())}
    found = {
        "made_by": "python -m tiny_dancer.evaluate.several_models",
        "bundle": bundle.bundle_hash,
        "dearest": DEAREST,
        "sources": {name: _source(bundle, marks[name]) for name in SOURCES},
    }
    path = RESULTS / "several-models.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def complete(quality: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.bool_], Array]:
    """Return which models stay, and the qualities [n, M] of the rows that all of them answered.

    NaN rows stay in place: the caller drops them by their NaN.
    """
    models = np.isfinite(quality).mean(0) >= ASKED
    kept = quality[:, models].astype(np.float64)
    kept[~np.isfinite(kept).all(1)] = np.nan
    return models, kept


def assumed_prices(quality: Array) -> Array:
    """Return 1 for the model with the lowest mean, `DEAREST` for the highest, between by rank."""
    rank = np.argsort(np.argsort(quality.mean(0), kind="stable"), kind="stable")
    return np.asarray(DEAREST ** (rank / (quality.shape[1] - 1)), np.float64)


def mixed(quality: Array, price: Array, cost: float) -> float:
    """Return the quality of the best static mix of models at a mean cost: on their upper hull."""
    means = quality.mean(0)
    best = float(means[price <= cost].max(initial=-np.inf))
    for a in range(len(price)):
        for b in range(len(price)):
            if price[a] <= cost < price[b]:
                part = (cost - price[a]) / (price[b] - price[a])
                best = max(best, float(means[a] + part * (means[b] - means[a])))
    return best


def _source(bundle: Any, marks: Any) -> dict[str, Any]:
    from ..adapt.stem import stem
    from ..train.split import folds
    from .frontier import oracle
    from .quality.bootstrap import interval, resamples

    models, every = complete(marks.quality)
    rows = np.flatnonzero(np.isfinite(every).all(1))
    quality, prompts = every[rows], [marks.prompts[i] for i in rows]
    price = assumed_prices(quality)
    p = _crossed(_inputs(bundle, prompts), quality, folds(prompts, FOLDS))
    best = float(quality.mean(0).max())
    line, at = np.arange(len(rows)), []
    for rate in RATES:
        choice = np.argmax(p - rate * price / DEAREST, 1)
        at.append((float(price[choice].mean()), float(quality[line, choice].mean()), choice))
    cost, reached, choice = min((a for a in at if a[1] >= KEPT * best), key=lambda a: a[0])
    beyond = [
        float(quality[r, choice[r]].mean())
        - mixed(quality[r], price, float(price[choice[r]].mean()))
        for r in resamples([stem(x) for x in prompts], RESAMPLES)
    ]
    ideal = [s.cost for s in oracle(quality, price.tolist()) if s.quality >= KEPT * best]
    return {
        "rows": len(rows),
        "models": [name for name, kept in zip(marks.models, models, strict=True) if kept],
        "prices": price.tolist(),
        "quality": quality.mean(0).tolist(),
        "kept": reached / best,
        "cost": cost / DEAREST,
        "mix_kept": mixed(quality, price, cost) / best,
        "above_mix_95": [x / best for x in interval(np.array(beyond))],
        "cheapest_kept": float(quality[:, np.argmin(price)].mean()) / best,
        "oracle_cost": min(ideal) / DEAREST,
        "curve": [[a[0] / DEAREST, a[1] / best] for a in at[::10]],
    }


def _inputs(bundle: Any, prompts: list[str]) -> Array:
    from ..hosts import open_kernel
    from ..text import cut
    from ..train.vocabulary import BACK, FRONT

    scorer = open_kernel(bundle, FRONT + BACK)
    found = [scorer.score_text(cut(p)[0], head_inputs=True).head_inputs for p in prompts]
    return np.array(found, np.float64)


def _crossed(x: Array, quality: Array, fold: npt.NDArray[np.int64]) -> Array:
    """Return each row's expected quality [n, M] by ridge regressions of the other folds."""
    from sklearn.linear_model import RidgeCV
    from sklearn.preprocessing import StandardScaler

    out = np.zeros(quality.shape)
    for k in np.unique(fold):
        train, test = fold != k, fold == k
        scaler = StandardScaler().fit(x[train])
        fit = RidgeCV(alphas=(30.0, 100.0, 300.0, 1_000.0, 3_000.0), alpha_per_target=True)
        fit.fit(scaler.transform(x[train]), quality[train])
        out[test] = fit.predict(scaler.transform(x[test]))
    return out


if __name__ == "__main__":
    sys.exit(main())
