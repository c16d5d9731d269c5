"""Routers to compare with: random, length, and logistic regressions on cues, words, sentences."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

Matrix: TypeAlias = Any
"""[n, D] array or sparse matrix."""
Scores: TypeAlias = npt.NDArray[np.float64]
Featuriser: TypeAlias = Callable[
    [npt.NDArray[np.int64], npt.NDArray[np.int64]], tuple[Matrix, Matrix]
]
"""(training rows, test rows) → their features; fitted on the training rows only."""


def dense(features: npt.NDArray[np.float32]) -> Featuriser:
    """Return standardised columns of a feature matrix [N, D]."""

    def split(train: npt.NDArray[np.int64], test: npt.NDArray[np.int64]) -> tuple[Matrix, Matrix]:
        scaler = StandardScaler().fit(features[train])
        return scaler.transform(features[train]), scaler.transform(features[test])

    return split


def tfidf(prompts: Sequence[str]) -> Featuriser:
    """Return TF-IDF of words and word pairs: in 2 prompts or more, at most 60,000, sublinear."""

    def split(train: npt.NDArray[np.int64], test: npt.NDArray[np.int64]) -> tuple[Matrix, Matrix]:
        vectorizer = TfidfVectorizer(
            ngram_range=(1, 2), min_df=2, max_features=60_000, sublinear_tf=True
        )
        return (
            vectorizer.fit_transform([prompts[i] for i in train]),
            vectorizer.transform([prompts[i] for i in test]),
        )

    return split


def regressions(
    train: Matrix, right: npt.NDArray[np.float32], test: Matrix, c: float = 1.0
) -> npt.NDArray[np.float64]:
    """Return P(model m answers well) [n, M] by one logistic regression a model."""
    columns = []
    for m in range(right.shape[1]):
        y = right[:, m] > 0
        if y.all() or not y.any():
            columns.append(np.full(test.shape[0], float(y[0])))
            continue
        fit = LogisticRegression(C=c, max_iter=1_000).fit(train, y)
        columns.append(fit.predict_proba(test)[:, 1])
    return np.stack(columns, 1)


def crossed(
    features: Featuriser,
    right: npt.NDArray[np.float32],
    fold: npt.NDArray[np.int64],
    c: float = 1.0,
) -> npt.NDArray[np.float64]:
    """Return out-of-fold P(model m answers well) [N, M]; every row is scored by the other folds."""
    out = np.zeros(right.shape)
    for k in np.unique(fold):
        train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        a, b = features(train, test)
        out[test] = regressions(a, right[train], b, c)
    return out


def gain(p: npt.NDArray[np.float64]) -> Scores:
    """Routing score of the baselines [N]: P(strong right) − P(weak right)."""
    return np.asarray(p[:, -1] - p[:, 0], np.float64)
