"""The teacher: one difficulty for all models, read off character n-grams (item-response theory).

A prompt x has the ease z(x) = w · n(x) of its character n-grams; model m of source s answers it
well with probability σ(a[s,m] + b[s,m] z(x)) (Birnbaum 1968: b the slope, a the ability). Sources
share w, so a source whose models are better is not taken for one whose prompts are easier, and
every model that was marked says something about the prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.feature_extraction.text import HashingVectorizer

from .encoded import Index
from .network import Floats
from .split import folds

Array = npt.NDArray[np.float64]

BUCKETS = 1 << 18
"""Of the hashed n-grams."""
FRONT, BACK = 1_200, 400
"""Characters read at either end of a longer prompt."""
RIDGE = 1.0
"""Of w; a standard normal prior on each weight of unit-length prompts."""
SLOPE_RIDGE = 20.0
"""Of log b: with few marks a slope stays near one."""
LEAST_PROMPTS = 3
"""An n-gram of fewer training prompts is left out."""
BALANCE = 0.5
"""A source of n prompts counts as n^(1 − BALANCE) of them."""
ITERATIONS = 80
FOLDS = 3


@dataclass(frozen=True)
class Marks:
    """E marks: which prompt, which model of which source, right or wrong."""

    row: Index
    model: Index
    """0 … M − 1; a model has another number in every source."""
    right: Floats
    models: tuple[str, ...]
    """"source:model" of each number."""

    def of(self, rows: Index, count: int) -> "Marks":
        """The marks of these rows of `count`, renumbered by their place among them."""
        place = np.full(count, -1, np.int64)
        place[rows] = np.arange(len(rows))
        kept = place[self.row] >= 0
        return Marks(place[self.row[kept]], self.model[kept], self.right[kept], self.models)


@dataclass(frozen=True)
class Ability:
    """A fitted teacher."""

    weights: Array
    """[BUCKETS], inverse document frequencies folded in."""
    idf: Floats
    """[BUCKETS]; 0 where too few training prompts hold the n-gram."""
    level: Array
    slope: Array
    """[M] of each model; a model without marks has level 0 and slope 1."""

    def ease(self, grams: Any) -> Array:
        """Z [n] of prompts given as `grams` gives them."""
        weighed = grams.multiply(self.idf[None, :]).tocsr()
        return np.asarray(_unit(weighed) @ self.weights, np.float64).ravel()

    def probability(self, ease: Array, model: int) -> Array:
        """P(this model answers well) of prompts of this ease."""
        return 1 / (1 + np.exp(-(self.level[model] + self.slope[model] * ease)))


def grams(prompts: Sequence[str]) -> Any:
    """Return 1 + log count of the hashed character 2- to 5-grams inside words [n, BUCKETS]."""
    reader = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 5),
        n_features=BUCKETS,
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
    cut = [p if len(p) <= FRONT + BACK else p[:FRONT] + p[-BACK:] for p in prompts]
    found = reader.transform([p.encode("utf-8", "ignore").decode() for p in cut])
    found.data = 1 + np.log(found.data)
    return found.tocsr()


def fit_ability(x: Any, marks: Marks, source: npt.NDArray[np.int64]) -> Ability:
    """Fit to prompts given as `grams` with the number of each one's source [n].

    Each prompt counts alike inside its source, however many models were marked on it.
    """
    n, m = x.shape[0], len(marks.models)
    idf = inverse_frequency(x)
    x = _unit(x.multiply(idf[None, :]).tocsr())
    back = x.T.tocsr()
    size = np.bincount(source).astype(np.float64)
    share = size[source] ** -BALANCE
    each = 2 * share / share.mean() / np.maximum(np.bincount(marks.row, minlength=n), 1)
    weight = each[marks.row]
    seen = np.bincount(marks.model, weight, m)
    rate = (np.bincount(marks.model, weight * marks.right, m) + 0.5) / (seen + 1)
    start = np.log(rate / (1 - rate))

    def loss(v: Array) -> tuple[float, Array]:
        w, a, c = v[:BUCKETS], v[BUCKETS : BUCKETS + m], v[BUCKETS + m :]
        z = (x @ w.astype(np.float32)).astype(np.float64)[marks.row]
        b = np.exp(c)[marks.model]
        logit = a[marks.model] + b * z
        wrong = weight * (1 / (1 + np.exp(-logit)) - marks.right)
        value = float((weight * (np.logaddexp(0, logit) - marks.right * logit)).sum())
        value += 0.5 * RIDGE * float(w @ w) + 0.5 * SLOPE_RIDGE * float(c @ c)
        value += 0.5e-3 * float(((a - start) ** 2).sum())
        pull = np.bincount(marks.row, wrong * b, n).astype(np.float32)
        gradient = [
            back @ pull + RIDGE * w,
            np.bincount(marks.model, wrong, m) + 1e-3 * (a - start),
            np.bincount(marks.model, wrong * b * z, m) + SLOPE_RIDGE * c,
        ]
        return value, np.concatenate(gradient)

    first = np.concatenate([np.zeros(BUCKETS), start, np.zeros(m)])
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
    return Ability(
        found[:BUCKETS],
        idf,
        found[BUCKETS : BUCKETS + m],
        np.exp(found[BUCKETS + m :]),
    )


def inverse_frequency(x: Any) -> Floats:
    """Return [BUCKETS] inverse document frequencies; 0 of n-grams that too few prompts hold."""
    n, count = x.shape[0], np.asarray((x > 0).sum(0)).ravel()
    idf = np.where(count >= LEAST_PROMPTS, np.log((n + 1) / (count + 1)) + 1, 0)
    return np.asarray(idf, np.float32)


def crossed_ease(
    x: Any, prompts: Sequence[str], marks: Marks, source: npt.NDArray[np.int64]
) -> tuple[Array, list[tuple[Index, Ability]]]:
    """Return the ease [n] of prompts, each by a teacher without its stem, and those teachers.

    Each teacher comes with the rows that it judged.
    """
    fold = folds(prompts, FOLDS, "teacher:")
    ease, teachers = np.zeros(x.shape[0]), []
    for k in range(FOLDS):
        rows, judged = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        teacher = fit_ability(x[rows], marks.of(rows, x.shape[0]), source[rows])
        ease[judged] = teacher.ease(x[judged])
        teachers.append((judged, teacher))
    return ease, teachers


def _unit(x: Any) -> Any:
    """Return the rows at length 1; rows of zeros stay."""
    from scipy import sparse

    length = np.sqrt(np.asarray(x.multiply(x).sum(1)).ravel())
    return sparse.diags((1 / np.where(length > 0, length, 1)).astype(np.float32)) @ x
