"""What networks on one set of training rows share, and how their heads are calibrated."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .corpora import Corpus, corpus, targets
from .encoded import Index
from .everyday import assumed, foreign_requests
from .fit import Network, Targets, fit, folded_heads, inputs
from .heads import Calibrator, calibrator
from .labels import LabelledPrompts, concatenate
from .marks import taught
from .minilm import MiniLM
from .network import Floats
from .recipe import Recipe
from .split import folds
from .vocabulary import Vocabulary, build
from .wider import read_marks

FOLDS = 3
"""One in so many of the training stems calibrates the heads, by a network that has not seen it."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """What networks on one set of training rows share."""

    corpus: Corpus
    """The labelled rows, then the assumed requests; each has a copy."""
    goal: Targets
    extra: Index
    """The assumed requests."""
    vocabulary: Vocabulary
    static: Floats
    families: tuple[str, ...]
    """Of the assumed requests."""

    def fit(self, rows: Index, recipe: Recipe, progress: Progress) -> Network:
        """Fit to these rows and their copies."""
        rows = self.corpus.twice(rows)
        return fit(self.corpus.text, self.goal, rows, self.static, recipe, progress)

    def all(self) -> Index:
        """Return every row to train on: the labelled ones, then the assumed requests."""
        return np.concatenate([self.corpus.train, self.extra])

    def fit_and_calibrate(self, recipe: Recipe, progress: Progress) -> tuple[Network, Calibrator]:
        """Return a network of two thirds of the stems and families, calibrated on the others.

        The calibration reads the rows' marks, and what is assumed of the requests: exams alone
        would draw every probability towards their own middle, that of a greeting too.
        """
        rows = self.all()
        stems = [self.corpus.labels.prompts[i] for i in self.corpus.train]
        of = np.concatenate([folds(part, FOLDS, "calibration:") for part in (stems, self.families)])
        network = self.fit(rows[of != 0], recipe, progress)
        heads, bias = folded_heads(network)
        both = self.corpus.twice(rows[of == 0])
        logits = (inputs(network, self.corpus.text, both) @ heads + bias).astype(np.float64)
        assumed = np.isin(both % len(self.corpus.labels), self.extra)
        labels = self.corpus.labels.right[both % len(self.corpus.labels)]
        right = np.where(assumed[:, None], self.goal.value[both], labels)
        return network, calibrator(logits, self.corpus.text.cues[both], right)


def prepare(
    data: LabelledPrompts,
    train: Index,
    untouched: Index,
    folder: Path,
    recipe: Recipe,
    progress: Progress,
) -> Prepared:
    """Return vocabulary, encoded rows and targets; nothing of other rows than `train` enters."""
    encoder = MiniLM()
    requested = assumed(sorted({data.sources[i] for i in train}))
    texts = [*(data.prompts[i] for i in train), *requested.prompts]
    vocabulary = build(encoder.vocabulary, texts, recipe.vocabulary, foreign_requests())
    progress("vocabulary")
    c = corpus(concatenate([data, requested]), train, untouched, vocabulary)
    target = c.labels.right
    if recipe.distillation > 0:
        progress("teacher")
        soft = taught(data, read_marks(folder), train)
        mixed = (1 - recipe.distillation) * target[: len(data)] + recipe.distillation * soft
        target[: len(data)] = np.where(np.isnan(soft), target[: len(data)], mixed)
    goal = _with_requests(targets(c, target, recipe), requested, recipe.everyday)
    extra: Index = np.arange(len(data), len(c.labels))
    static = encoder.static(vocabulary.entries)
    return Prepared(c, goal, extra, vocabulary, static, requested.subjects)


def _with_requests(goal: Targets, requested: LabelledPrompts, weight: float) -> Targets:
    """Return the targets with what is assumed of the requests, the last rows of either half."""
    value, weights = goal.value.copy(), goal.weight.copy()
    half, n = len(value) // 2, len(requested)
    for end in (half, 2 * half):
        value[end - n : end] = requested.quality
        weights[end - n : end] *= weight * requested.weight
    return Targets(value, weights, goal.group)
