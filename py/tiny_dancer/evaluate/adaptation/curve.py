"""Labels against quality: the heads re-fitted, and two baselines trained on the same labels."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegressionCV

from ...adapt import Labels, adapt
from ...adapt.labels import ANSWERS_WELL
from ...adapt.stem import stem
from ...calibration.curve import measure
from ...calibration.probability import log_loss
from ...model import Bundle, read_bundle
from ...train.encoded import Index
from ...train.labels import read_csv
from ...train.minilm import WIDTH, MiniLM
from ...train.shipped import sentence_features
from ..baselines import Featuriser, Matrix, dense, gain, tfidf
from ..bundle import scored

COUNTS = (50, 200, 1_000)
TEST_ROWS = 2_000
"""At most; what a draw of labels leaves, at least 300 rows of either source."""
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""C of the baselines, chosen by cross-validation inside the labels, as adapt chooses its own."""
FOLDS = 3

Array = npt.NDArray[np.float64]


def drawn(labels: Labels, seed: int) -> tuple[Index, Index]:
    """Return (rows for labels in the order they are taken, test rows); no stem is on both sides."""
    order = list(range(len(labels)))
    random.Random(seed).shuffle(order)
    pool = order[: max(COUNTS)]
    known = {stem(labels.prompts[i]) for i in pool}
    rest = [i for i in order[len(pool) :] if stem(labels.prompts[i]) not in known]
    return np.array(pool, np.int64), np.array(rest[:TEST_ROWS], np.int64)


def figures(p: Array, score: Array, quality: Array) -> dict[str, float]:
    """Return APGR and the like of a routing score, and the log-loss of the probabilities."""
    found = asdict(measure(score, quality[:, 0], quality[:, -1]))
    return found | {"log_loss": log_loss(p, quality >= ANSWERS_WELL)}


def one_draw(
    bundle: Bundle, labels: Labels, states: npt.NDArray[np.float32], seed: int
) -> Iterator[dict[str, Any]]:
    """Yield the figures of each router at each number of labels; `states` [N, 384] are MiniLM's."""
    pool, test = drawn(labels, seed)
    quality = np.array(labels.quality)
    unseen = labels.take(test)

    def of_bundle(candidate: Bundle) -> dict[str, float]:
        p, scores = scored(candidate, unseen)
        return figures(p, scores[:, 0], quality[test])

    before = of_bundle(bundle)
    yield {"draw": seed, "labels": 0, "router": "adapted", "test_rows": len(test), **before}
    for count in COUNTS:
        rows = pool[:count]
        result = adapt(bundle, labels.take(rows))
        after = of_bundle(read_bundle(result.bundle)) if result.bundle else before
        yield {"draw": seed, "labels": count, "router": "adapted", "kept": result.kept, **after}
        for name, features in (
            ("TF-IDF + LR", tfidf(labels.prompts)),
            ("MiniLM-384 + LR", dense(states)),
        ):
            p = _regressed(features, quality >= ANSWERS_WELL, rows, test)
            found = figures(p, gain(p), quality[test])
            yield {"draw": seed, "labels": count, "router": name, **found}


def _regressed(
    features: Featuriser, right: npt.NDArray[np.bool_], rows: Index, test: Index
) -> Array:
    a, b = features(rows, test)
    return np.stack([_column(a, right[rows, m], b) for m in range(right.shape[1])], 1)


def _column(train: Matrix, y: npt.NDArray[np.bool_], test: Matrix) -> Array:
    if min(y.sum(), (~y).sum()) < FOLDS:
        return np.full(test.shape[0], float(y.mean()))
    model = LogisticRegressionCV(
        Cs=STRENGTHS,
        cv=FOLDS,
        scoring="neg_log_loss",
        max_iter=1_000,
        l1_ratios=(0.0,),
        use_legacy_attributes=False,
    )
    return np.asarray(model.fit(train, y).predict_proba(test)[:, 1])


def minilm_states(path: Path, work: Path, progress: Callable[[str], None]) -> Any:
    """Return MiniLM's sentence states [N, 384] of a labelled file."""
    data = read_csv(path)
    cache = work / f"{path.name.split('.')[0]}-states.npz"
    return sentence_features(MiniLM(), data, progress, cache)[:, -WIDTH:]


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return mean and standard deviation over the draws, by router and number of labels."""
    found = []
    for router, count in dict.fromkeys((r["router"], r["labels"]) for r in rows):
        same = [r for r in rows if (r["router"], r["labels"]) == (router, count)]
        row: dict[str, Any] = {"router": router, "labels": count, "draws": len(same)}
        for name in ("apgr", "light95", "log_loss"):
            values = [r[name] for r in same]
            row[name] = round(float(np.mean(values)), 4)
            row[f"{name}_deviation"] = round(float(np.std(values)), 4)
        if "kept" in same[0]:
            row["kept"] = sum(r["kept"] for r in same)
        found.append(row)
    return found
