"""Measure what length, language and topic say of the everyday requests' assumed labels.

    .venv/bin/python tools/everyday_balance.py

writes docs/results/everyday.json and draws the tables of docs/everyday.md from it. An AUC is of a
logistic regression, each family scored by one that saw none of it; .5 = the feature says nothing.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder

from tiny_dancer.train.everyday_corpus import (
    EverydayRequest,
    family_folds,
    read_everyday,
    unrelated,
)

DOCS = Path(__file__).parents[1] / "docs"
PAGE, RESULTS = DOCS / "everyday.md", DOCS / "results" / "everyday.json"
FIFTHS = 5

_BLOCK = re.compile(r"(<!-- drawn: ([a-z]+) -->\n).*?(<!-- end -->)", re.S)

Matrix = Any
"""An array of NumPy or SciPy, dense or sparse."""


def length_features(requests: Sequence[EverydayRequest]) -> Matrix:
    """[N, 2] log of the number of characters, and its square."""
    characters = np.log([len(r.text) for r in requests])
    features = np.stack([characters, characters**2], 1)
    return (features - features.mean(0)) / features.std(0)


def one_hot(names: Sequence[str]) -> Matrix:
    """[N, V] 1 in the column of the row's name."""
    return OneHotEncoder(sparse_output=False).fit_transform(np.array(names)[:, None])


def score_folds(features: Matrix, light: Matrix, folds: Matrix, strength: float = 1.0) -> Matrix:
    """[N] probability of light, each fold's by a regression that saw the other folds."""
    score = np.zeros(len(light))
    for k in np.unique(folds):
        rest = folds != k
        model = LogisticRegression(C=strength, solver="liblinear").fit(features[rest], light[rest])
        score[~rest] = model.predict_proba(features[~rest])[:, 1]
    return score


def length_fifths(requests: Sequence[EverydayRequest]) -> list[dict[str, float]]:
    """Return the fifths by number of characters: their longest text and their share of light."""
    length = np.array([len(r.text) for r in requests])
    light = np.array([r.light for r in requests])
    order = np.argsort(length, kind="stable")
    return [
        {"longest": int(length[part].max()), "light": round(float(light[part].mean()), 3)}
        for part in np.array_split(order, FIFTHS)
    ]


def _count(requests: Sequence[EverydayRequest], shared: set[str]) -> dict[str, float]:
    lengths = [len(r.text) for r in requests]
    return {
        "requests": len(requests),
        "families": len({r.family for r in requests}),
        "shared": round(float(np.mean([r.family in shared for r in requests])), 3),
        "light": round(float(np.mean([r.light for r in requests])), 3),
        "median": int(np.median(lengths)),
        "longest": max(lengths),
    }


def measure_words(requests: Sequence[EverydayRequest]) -> dict[str, float]:
    """AUC of character n-grams: unseen families, and each language by the others' families."""
    texts, light = [r.text for r in requests], np.array([r.light for r in requests])
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    features = grams.fit_transform(texts)
    found = {"families": auc(light, score_folds(features, light, family_folds(requests), 8.0))}
    language = np.array([r.language for r in requests])
    for name in sorted(set(language)):
        out = language == name
        rest = unrelated(requests, out)
        if len(set(light[rest])) == 2:
            model = LogisticRegression(C=8.0, solver="liblinear").fit(features[rest], light[rest])
            found[name] = auc(light[out], model.predict_proba(features[out])[:, 1])
    return found


def auc(light: Matrix, score: Matrix) -> float:
    """Return the AUC, to three places."""
    return round(float(roc_auc_score(light, score)), 3)


def measure(requests: Sequence[EverydayRequest]) -> dict[str, object]:
    """Return the figures of docs/everyday.md but those of its words, which take a minute."""
    light = np.array([r.light for r in requests])
    folds = family_folds(requests)
    language = one_hot([r.language for r in requests])
    length = length_features(requests)
    alone = {
        "length": length,
        "language": language,
        "topic": one_hot([r.topic for r in requests]),
        "length and language": np.concatenate([length, language], 1),
    }
    names = sorted({r.language for r in requests})
    of = {name: [r for r in requests if r.language == name] for name in names}
    speakers = Counter(family for rows in of.values() for family in {r.family for r in rows})
    shared = {family for family, count in speakers.items() if count > 1}
    kinds = Counter((r.kind, r.light) for r in requests)
    return {
        "total": _count(requests, shared),
        "languages": {name: _count(rows, shared) for name, rows in of.items()},
        "alone": {name: auc(light, score_folds(x, light, folds)) for name, x in alone.items()},
        "length": {"all": length_fifths(requests)}
        | {name: length_fifths(rows) for name, rows in of.items()},
        "kinds": {
            kind: [kinds[kind, 1], kinds[kind, 0]] for kind in sorted({r.kind for r in requests})
        },
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def draw(results: dict[str, Any]) -> dict[str, str]:
    """Return the page's tables by name."""
    counts = {**results["languages"], "all": results["total"]}
    return {
        "languages": _table(
            ["language", "requests", "families", "shared", "light", "median length", "longest"],
            [[name, *counts[name].values()] for name in counts],
        ),
        "alone": _table(["what alone", "AUC"], list(results["alone"].items())),
        "length": _table(
            ["language", *[f"fifth {k + 1}" for k in range(FIFTHS)]],
            [
                [name, *[f"{part['light']:.2f} (≤ {part['longest']})" for part in parts]]
                for name, parts in results["length"].items()
            ],
        ),
        "kinds": _table(
            ["kind", "light", "powerful"], [[k, *pair] for k, pair in results["kinds"].items()]
        ),
        "characters": _table(["held out", "AUC"], list(results["characters"].items())),
    }


def redraw(page: str, results: dict[str, Any]) -> str:
    """Return the page with its tables drawn from the results."""
    tables = draw(results)
    return _BLOCK.sub(lambda m: f"{m[1]}{tables[m[2]]}{m[3]}", page)


def main() -> None:
    """Measure, write the results, draw the page."""
    requests = read_everyday()
    results = measure(requests) | {"characters": measure_words(requests)}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(redraw(PAGE.read_text("utf-8"), results), "utf-8")
    print(json.dumps({name: results[name] for name in ("total", "alone", "characters")}, indent=1))


if __name__ == "__main__":
    main()
