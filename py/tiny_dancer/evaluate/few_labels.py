"""`python -m tiny_dancer.evaluate.few_labels`: what a few labels of a source left out are worth.

From the kept scores of `./build.sh eval --full --part wide` (build/study/wide) to
docs/results/quality/few-labels.json, which `./build.sh eval` draws. The rung that is measured is
the first that learns: slope and intercept of the light head's logit, taken where held-out labels
say so by two standard errors, as `adapt` climbs from a history.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CHECKOUT = Path(__file__).resolve().parents[3]
RESULTS = CHECKOUT / "docs" / "results" / "quality"
KEPT = CHECKOUT / "build" / "study" / "wide"
COUNTS = (30, 100, 300, 1_000)
DRAWS, TEST_ROWS, FOLDS = 5, 1_000, 4
LEAST_TESTED = 200
"""Fewer rows left to test on say nothing: that number of labels is left out for the source."""

Array = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


def main() -> int:
    """Measure and write; 0 done, 1 there are no kept scores."""
    from ..train.labels import data_folder
    from ..train.wider import read_wide
    from .quality.parts import GROUPS, OURS

    data, found = read_wide(data_folder()), {}
    for number, group in enumerate(GROUPS):
        path = KEPT / f"{number}.npz"
        if not path.is_file():
            print(f"few_labels: no {path}; ./build.sh eval --full --part wide", file=sys.stderr)
            return 1
        with np.load(path) as file:
            rows, p = file["rows"].astype(np.int64), file[OURS][:, 0]
        for source in group:
            inside = data.take(rows).of_source(source)
            part = data.take(rows[inside])
            found[source] = source_figures(part.prompts, part.right[:, 0] > 0, p[inside])
            print(source, file=sys.stderr, flush=True)
    facts = {"made_by": "python -m tiny_dancer.evaluate.few_labels", "draws": DRAWS}
    path = RESULTS / "few-labels.json"
    path.write_text(json.dumps(facts | {"sources": found}, indent=1) + "\n", encoding="utf-8")
    return 0


def source_figures(prompts: tuple[str, ...], right: Truth, p: Array) -> list[dict[str, Any]]:
    """Return mean figures over the draws of labels, by their number and router."""
    from ..adapt.stem import stem

    stems = np.array([stem(x) for x in prompts], object)
    every: dict[tuple[int, str], list[dict[str, float]]] = {}
    for seed in range(DRAWS):
        order = np.random.default_rng(seed).permutation(len(prompts))
        test = order[-min(TEST_ROWS, len(order) // 2) :]
        pool = order[~np.isin(stems[order], stems[test])]
        every.setdefault((0, "as it is"), []).append(_figures(p[test], right[test]))
        for count in COUNTS:
            if count > len(pool) or len(test) < min(LEAST_TESTED, len(prompts) // 2):
                continue
            rows = pool[:count]
            adapted = climbed(p[rows], right[rows])
            own = p[test] if adapted is None else moved(p[test], adapted)
            words = _words(prompts, right, rows, test)
            every.setdefault((count, "adapted"), []).append(
                _figures(own, right[test]) | {"climbed": float(adapted is not None)}
            )
            every.setdefault((count, "TF-IDF + LR"), []).append(_figures(words, right[test]))
    return [
        {"labels": count, "router": name}
        | {key: float(np.mean([d[key] for d in drawn])) for key in drawn[0]}
        | {"log_loss_deviation": float(np.std([d["log_loss"] for d in drawn]))}
        for (count, name), drawn in sorted(every.items())
    ]


def climbed(p: Array, right: Truth) -> tuple[float, float] | None:
    """Return slope and intercept for the logits, None where held-out labels do not ask for them."""
    fold = np.arange(len(p)) % FOLDS
    held = np.empty(len(p))
    for k in range(FOLDS):
        held[fold == k] = moved(p[fold == k], _fit(p[fold != k], right[fold != k]))
    gain = _losses(p, right) - _losses(held, right)
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    return _fit(p, right) if gain.mean() > 2 * error else None


def moved(p: Array, numbers: tuple[float, float]) -> Array:
    """Return the probabilities whose logit is slope · logit + intercept."""
    slope, intercept = numbers
    return np.asarray(1 / (1 + np.exp(-(slope * _logit(p) + intercept))), np.float64)


def _fit(p: Array, right: Truth) -> tuple[float, float]:
    from ..adapt.regression import Sample

    rows = [[float(z), 1.0] for z in _logit(p)]
    slope, intercept = Sample(rows, right.astype(float).tolist(), [1.0] * len(p)).fit(0.0)
    return slope, intercept


def _logit(p: Array) -> Array:
    safe = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe / (1 - safe)), np.float64)


def _losses(p: Array, right: Truth) -> Array:
    safe = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(-np.log(np.where(right, safe, 1 - safe)), np.float64)


def _words(
    prompts: tuple[str, ...], right: Truth, rows: npt.NDArray[Any], test: npt.NDArray[Any]
) -> Array:
    from .baselines import regressions, tfidf

    a, b = tfidf(prompts)(rows, test)
    return regressions(a, right[rows, None].astype(np.float32), b)[:, 0]


def _figures(p: Array, right: Truth) -> dict[str, float]:
    from ..calibration.probability import calibration_error
    from .quality.bootstrap import ranked_auc

    return {
        "auc": ranked_auc(p, right),
        "log_loss": float(_losses(p, right).mean()),
        "ece": calibration_error(p.tolist(), right.tolist()),
    }


if __name__ == "__main__":
    sys.exit(main())
