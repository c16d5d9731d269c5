"""The teacher: regressions on words and on MiniLM's states, whose probabilities the network learns.

Its targets for a training prompt come from folds that did not hold the prompt's stem, so they carry
what generalises and not what was memorised (Hinton et al. 2015, arXiv 1503.02531).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from .encoded import Index
from .network import Floats
from .split import folds

WORD_SHARE = 0.55
"""Of the logit: words; the rest is MiniLM's."""
FOLDS = 3


@dataclass(frozen=True)
class TeacherInputs:
    """What the teacher reads of N prompts."""

    prompts: Sequence[str]
    dense: Floats
    """[N, D] MiniLM's pooled states and the cues."""
    group: npt.NDArray[np.int64]
    """[N] number of the source: the teacher may know it, the network's offsets take it up."""


def taught(
    data: TeacherInputs, right: Floats, train: Index, test: Index
) -> npt.NDArray[np.float64]:
    """Return P(model m answers well) [len(test), M] by a teacher fitted on `train`."""
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, max_features=60_000, sublinear_tf=True
    )
    scaler = StandardScaler()
    words = (
        vectorizer.fit_transform([data.prompts[i] for i in train]),
        vectorizer.transform([data.prompts[i] for i in test]),
    )
    states = scaler.fit_transform(data.dense[train]), scaler.transform(data.dense[test])
    groups = int(data.group.max()) + 1
    known = [
        sparse.csr_matrix(np.eye(groups, dtype=np.float32)[data.group[r]]) for r in (train, test)
    ]
    columns = []
    for m in range(right.shape[1]):
        y = right[train, m]
        by_words = LogisticRegression(C=1.0, max_iter=1_000).fit(
            sparse.hstack([words[0], known[0]]).tocsr(), y
        )
        by_states = LogisticRegression(C=0.001, max_iter=1_000).fit(
            np.hstack([states[0], 3 * known[0].toarray()]), y
        )
        logit = WORD_SHARE * by_words.decision_function(
            sparse.hstack([words[1], known[1]]).tocsr()
        ) + (1 - WORD_SHARE) * by_states.decision_function(
            np.hstack([states[1], 3 * known[1].toarray()])
        )
        columns.append(1 / (1 + np.exp(-logit)))
    return np.stack(columns, 1)


def crossed_teacher(data: TeacherInputs, right: Floats, rows: Index) -> Floats:
    """Return [N, M] the teacher's probabilities of `rows`, each from folds without its stem."""
    out = np.full(right.shape, np.nan, np.float32)
    fold = folds([data.prompts[i] for i in rows], FOLDS, "teacher:")
    for k in range(FOLDS):
        out[rows[fold == k]] = taught(data, right, rows[fold != k], rows[fold == k])
    return out
