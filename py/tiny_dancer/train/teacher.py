"""The teacher: regressions on words and on MiniLM's states, whose probabilities the network learns.

Its targets for a training prompt come from folds that did not hold the prompt's stem, so they carry
what generalises and not what was memorised (Hinton et al. 2015, arXiv 1503.02531).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from .encoded import Index
from .network import Floats
from .split import folds

WORD_SHARE = 0.55
"""Of the logit: words; the rest is MiniLM's."""
SHARPNESS = 1.1
"""Of the mean logit; an average of two regularised regressions is too cautious."""
FOLDS = 3
LEAST_ROWS = 300


@dataclass(frozen=True)
class TeacherInputs:
    """What the teacher reads of N prompts."""

    prompts: Sequence[str]
    dense: Floats
    """[N, D] MiniLM's pooled states and the cues."""
    group: npt.NDArray[np.int64]
    """[N] number of the source; each source has a teacher of its own."""


def taught(
    data: TeacherInputs, right: Floats, train: Index, test: Index
) -> npt.NDArray[np.float64]:
    """Return P(model m answers well) [len(test), M] by a teacher fitted on `train`."""
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, max_features=60_000, sublinear_tf=True
    )
    scaler = StandardScaler()
    words = vectorizer.fit_transform([data.prompts[i] for i in train])
    test_words = vectorizer.transform([data.prompts[i] for i in test])
    states = scaler.fit_transform(data.dense[train])
    test_states = scaler.transform(data.dense[test])
    columns = []
    for m in range(right.shape[1]):
        y = right[train, m]
        if y.min() == y.max():
            columns.append(np.full(len(test), float(y[0])))
            continue
        by_words = LogisticRegression(C=1.0, max_iter=1_000).fit(words, y)
        by_states = LogisticRegression(C=0.001, max_iter=1_000).fit(states, y)
        logit = WORD_SHARE * by_words.decision_function(test_words)
        logit += (1 - WORD_SHARE) * by_states.decision_function(test_states)
        columns.append(1 / (1 + np.exp(-SHARPNESS * logit)))
    return np.stack(columns, 1)


def crossed_teacher(data: TeacherInputs, right: Floats, rows: Index) -> Floats:
    """Return [N, M] the teacher's probabilities of `rows`, each from folds without its stem.

    NaN for other rows and for sources of fewer than `LEAST_ROWS`.
    """
    out = np.full(right.shape, np.nan, np.float32)
    fold = np.full(len(right), -1)
    fold[rows] = folds([data.prompts[i] for i in rows], FOLDS, "teacher:")
    for group in np.unique(data.group[rows]):
        inside = rows[data.group[rows] == group]
        if len(inside) < LEAST_ROWS:
            continue
        for k in range(FOLDS):
            train, test = inside[fold[inside] != k], inside[fold[inside] == k]
            out[test] = taught(data, right, train, test)
    return out
