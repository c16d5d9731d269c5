"""The rows of a training run: what is trained on, what stays untouched, in the network's terms."""

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..adapt.stem import question
from .encoded import Encoded, Index, encoded
from .filler import wrapped
from .fit import Targets
from .labels import LabelledPrompts, trainable
from .network import Floats
from .recipe import Recipe
from .split import held_out
from .vocabulary import Vocabulary
from .wider import REPEATS

NOT_JUSTIFIED = REPEATS | {"eq_bench", "xstest", "swe_bench_verified", "lawbench"}
"""Left out of training and calibration: questions that stand in other sources; graded, small, and
no baseline ranks it above random; a matter of policy, not of skill; models with tools; Chinese law.
"""


@dataclass(frozen=True)
class Corpus:
    """N labelled prompts, and a copy of each as `retold`: row i + N of `text` is row i's."""

    labels: LabelledPrompts
    text: Encoded
    """Of 2 N rows."""
    group: npt.NDArray[np.int64]
    """[N] number of the source among `sources`."""
    sources: tuple[str, ...]
    train: Index
    held_out: Index

    def twice(self, rows: Index) -> Index:
        """Return the rows and their copies."""
        return np.concatenate([rows, rows + len(self.labels)])


def bare(prompt: str) -> str:
    """Return the prompt without answer options and without a closing "Answer:"."""
    return question(prompt).removesuffix("Answer:").strip() or prompt


def retold(prompt: str) -> str:
    """Return the prompt as somebody might type it into a chat, the same at every call.

    Without its options; half of the time, and always where it had none, wrapped in small talk.
    """
    draw = random.Random(prompt.encode("utf-8", "surrogatepass"))
    plain = bare(prompt)
    return wrapped(plain, draw) if plain == prompt or draw.random() < 0.5 else plain


def usable(data: LabelledPrompts) -> tuple[LabelledPrompts, Index, Index]:
    """Return the trainable rows, and the numbers of those to train on and of those held out."""
    kept = data.take(trainable(data) & ~data.of_source(*NOT_JUSTIFIED))
    out = held_out(kept.prompts)
    return kept, np.flatnonzero(~out), np.flatnonzero(out)


def corpus(data: LabelledPrompts, train: Index, untouched: Index, vocabulary: Vocabulary) -> Corpus:
    """Return the corpus of rows split beforehand."""
    names = tuple(sorted(set(data.sources)))
    return Corpus(
        data,
        encoded(vocabulary, [*data.prompts, *map(retold, data.prompts)]),
        np.array([names.index(s) for s in data.sources], np.int64),
        names,
        train,
        untouched,
    )


def targets(c: Corpus, target: Floats, recipe: Recipe) -> Targets:
    """Return what the network learns of the rows and their copies; sources weighted.

    A source of n training rows counts as n^(1 − balance) of them.
    """
    counts = np.bincount(c.group[c.train], minlength=len(c.sources)).astype(np.float64)
    share = np.where(counts > 0, counts, 1.0) ** -recipe.balance
    weight = share[c.group] / share[c.group[c.train]].mean()
    both = np.concatenate([weight, weight * recipe.copy_weight])
    return Targets(
        np.concatenate([target, target]),
        both.astype(np.float32),
        np.concatenate([c.group, c.group]),
    )
