"""The rows of a training run: what is trained on, what stays untouched, in the network's terms."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .encoded import Encoded, Index, encoded
from .labels import LabelledPrompts, trainable
from .network import Floats
from .split import held_out, question
from .vocabulary import Vocabulary


@dataclass(frozen=True)
class Corpus:
    """N labelled prompts, and the copies of those with options without them.

    Row i + N of `text` is row i's bare copy; where `has_bare` is False it equals row i.
    """

    labels: LabelledPrompts
    text: Encoded
    """Of 2 N rows."""
    has_bare: npt.NDArray[np.bool_]
    group: npt.NDArray[np.int64]
    """[N] number of the source among `sources`."""
    sources: tuple[str, ...]
    train: Index
    held_out: Index

    def twice(self, rows: Index) -> Index:
        """Return the rows and their bare copies."""
        return np.concatenate([rows, rows[self.has_bare[rows]] + len(self.labels)])


def bare(prompt: str) -> str:
    """Return the prompt without answer options and without a closing "Answer:"."""
    return question(prompt).removesuffix("Answer:").strip() or prompt


def usable(data: LabelledPrompts) -> tuple[LabelledPrompts, Index, Index]:
    """Return the trainable rows, and the numbers of those to train on and of those held out."""
    kept = data.take(trainable(data))
    out = held_out(kept.prompts)
    return kept, np.flatnonzero(~out), np.flatnonzero(out)


def corpus(data: LabelledPrompts, train: Index, untouched: Index, vocabulary: Vocabulary) -> Corpus:
    """Return the corpus of rows split beforehand."""
    copies = [bare(p) for p in data.prompts]
    names = tuple(sorted(set(data.sources)))
    return Corpus(
        data,
        encoded(vocabulary, [*data.prompts, *copies]),
        np.array([c != p for c, p in zip(copies, data.prompts, strict=True)], bool),
        np.array([names.index(s) for s in data.sources], np.int64),
        names,
        train,
        untouched,
    )


def doubled(value: Floats) -> Floats:
    """Return the values of N rows for the rows and their bare copies."""
    return np.concatenate([value, value])
