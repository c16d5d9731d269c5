"""Requests for the candidate scorer: labelled prompts in a drawn order, served by specialists.

Each subject is served by one model, light or powerful, drawn by seed; a candidate is that subject's
specialist. Its vector is the mean of its earlier prompts' vectors, in int8 as residents are, its
success rate and access count the record so far. Its label is 1 iff the prompt is of its subject and
its model was right. The order is a seeded permutation; only earlier prompts feed a feature.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..adapt.stem import draw as draw_by_stem
from ..candidates.packed_candidates import DEFAULT_SUCCESS
from ..hosts import open_kernel
from ..model import Bundle
from ..text import cut
from .corpora import usable
from .encoded import Index
from .labels import LabelledPrompts, read_folder
from .minilm import WIDTH, MiniLM
from .network import Floats
from .shipped import sentence_features
from .vocabulary import BACK, FRONT

SOURCES = ("fasteval", "llmrouter", "mmlu", "mmlu_pro")
"""Sources with several subjects, no question in two of them."""

COUNT_CAP = 1_000
"""Access count at which frequency reaches one."""

POOL = 8
"""Candidates of a request in training and calibration: the subject's own and others, drawn."""

MOST = 40
"""Prompts of a subject that are read: the sentence encoder takes the time."""

HELD_OUT_SUBJECTS = 3
"""One subject in so many is never trained on."""

FEATURES = ("similarity", "recency", "frequency", "success", "overlap")
_LARGEST_INT8 = 127


@dataclass(frozen=True)
class Prompts:
    """N prompts of S subjects as a bundle sees them."""

    subject: Index
    """[N] 0 … S − 1."""
    right: Floats
    """[N, 2] whether the light and the powerful model answered well."""
    held_out: npt.NDArray[np.bool_]
    """[N] stems that the text model never saw."""
    last: Floats
    """[N, H] the text's last state."""
    text: Floats
    """[N, H] the bundle's embedding."""
    sentence: Floats
    """[N, 384] MiniLM's unit embedding: what users bring of their own."""

    @property
    def subjects(self) -> int:
        """S."""
        return int(self.subject.max()) + 1


@dataclass(frozen=True)
class Stream:
    """What the N requests of one draw find; [N, S], every candidate at every request."""

    similarity: Floats
    frequency: Floats
    """0 where the candidate does not exist yet."""
    success: Floats
    label: Floats
    """[N] whether the specialist of the prompt's subject was right."""


@dataclass(frozen=True)
class Requests:
    """R requests with K candidates each; column 0 is the specialist of the prompt's subject."""

    features: Floats
    """[R, K, 5] in the order of `FEATURES`; recency is 1 and overlap 0 throughout."""
    last: Floats
    """[R, H]"""
    label: Floats
    """[R] whether candidate 0 was right; the others' labels are 0."""
    live: npt.NDArray[np.bool_]
    """[R, K] False for padding and for candidates that do not exist yet."""

    @property
    def labels(self) -> Floats:
        """Whether each candidate served well, [R, K]."""
        out = np.zeros(self.live.shape, np.float32)
        out[:, 0] = self.label
        return out


def read_prompts(
    bundle: Bundle,
    folder: Path,
    cache: Path | None,
    progress: Callable[[str], None],
    most: int | None = None,
) -> Prompts:
    """Return the labelled prompts of `SOURCES` as the bundle sees them.

    `cache` holds MiniLM's states, as for `sentence_features`; `most` as for `chosen`.
    """
    rows, held_out, subject = chosen(folder, most)
    states = sentence_features(MiniLM(), rows, progress, cache)[:, -WIDTH:]
    scorer, h = open_kernel(bundle, FRONT + BACK), bundle.sizes["H"]
    texts = [cut(prompt)[0] for prompt in rows.prompts]
    last = [scorer.score_text(text, head_inputs=True).head_inputs[:h] for text in texts]
    return Prompts(
        subject=subject.astype(np.int64),
        right=rows.right,
        held_out=held_out,
        last=np.array(last, np.float32),
        text=np.array([scorer.embed(text) for text in texts], np.float32),
        sentence=unit(states),
    )


def chosen(
    folder: Path, most: int | None = None
) -> tuple[LabelledPrompts, npt.NDArray[np.bool_], Index]:
    """Return the rows that are read, which of them are held out, and the number of each's subject.

    At most `most` of a subject, drawn by the question's stem; all where it is left out.
    """
    data, _, untouched = usable(read_folder(folder))
    names = [f"{a}/{b}" for a, b in zip(data.sources, data.subjects, strict=True)]
    kept = np.flatnonzero(data.of_source(*SOURCES) & _first(data.prompts, names, most))
    out = np.zeros(len(data), bool)
    out[untouched] = True
    _, subject = np.unique([names[i] for i in kept], return_inverse=True)
    return data.take(kept), out[kept], subject


def _first(prompts: Sequence[str], names: Sequence[str], most: int | None) -> npt.NDArray[np.bool_]:
    order = sorted(
        range(len(prompts)), key=lambda i: (names[i], draw_by_stem(prompts[i], "candidates:"))
    )
    first, count = np.zeros(len(prompts), bool), Counter[str]()
    for i in order:
        first[i] = most is None or count[names[i]] < most
        count[names[i]] += 1
    return first


def split(prompts: Prompts, seed: int) -> tuple[Index, Index]:
    """Return subjects to train on and subjects held out, each sorted."""
    order = np.random.default_rng([seed, 1]).permutation(prompts.subjects)
    out = prompts.subjects // HELD_OUT_SUBJECTS
    return np.sort(order[out:]), np.sort(order[:out])


def stream(prompts: Prompts, vectors: Floats, seed: int, draw: int) -> Stream:
    """Return the requests of one draw of models and order; `vectors` [N, d] are the prompts'."""
    n, s = len(prompts.subject), prompts.subjects
    rng = np.random.default_rng([seed, 2, draw])
    model = rng.integers(0, 2, s)
    label = prompts.right[np.arange(n), model[prompts.subject]]
    sums, rows = np.zeros((s, vectors.shape[1])), np.zeros((s, vectors.shape[1]), np.float32)
    count, good = np.zeros(s), np.zeros(s)
    similarity, frequency, success = (np.zeros((n, s), np.float32) for _ in range(3))
    for i in rng.permutation(n):
        similarity[i] = 0.5 + 0.5 * (rows @ vectors[i])
        frequency[i] = np.minimum(np.log1p(count) / np.log1p(COUNT_CAP), 1)
        success[i] = np.where(count > 0, good / np.maximum(count, 1), DEFAULT_SUCCESS)
        own = prompts.subject[i]
        sums[own] += vectors[i]
        count[own] += 1
        good[own] += label[i]
        rows[own] = _int8(sums[own])
    return Stream(similarity, frequency, success, label)


def usable_rows(prompts: Prompts, found: Stream, subjects: Index, held_out: bool) -> Index:
    """Return the prompts of these subjects and stems whose own specialist exists already."""
    own = found.frequency[np.arange(len(prompts.subject)), prompts.subject] > 0
    side = prompts.held_out == held_out
    return np.flatnonzero(np.isin(prompts.subject, subjects) & side & own)


def requests(
    prompts: Prompts,
    found: Stream,
    rows: Index,
    subjects: Index,
    size: int,
    rng: np.random.Generator,
) -> Requests:
    """Return one request a row: its own specialist, and size − 1 others drawn from `subjects`."""
    others = rng.random((len(rows), len(subjects)))
    others[subjects[None] == prompts.subject[rows][:, None]] = 2.0  # its own goes last
    drawn = subjects[np.argsort(others, axis=1)[:, : size - 1]]
    chosen = np.concatenate([prompts.subject[rows][:, None], drawn], 1)
    at = (rows[:, None], chosen)
    frequency = found.frequency[at]
    return Requests(
        features=np.stack(
            [
                found.similarity[at],
                np.ones_like(frequency),
                frequency,
                found.success[at],
                np.zeros_like(frequency),
            ],
            axis=-1,
        ),
        last=prompts.last[rows],
        label=found.label[rows],
        live=frequency > 0,
    )


def _int8(vector: npt.NDArray[np.float64]) -> Floats:
    """The unit vector of the row that a scorer keeps."""
    largest = np.abs(vector).max()
    return unit(np.rint(vector * (_LARGEST_INT8 / (largest or 1)))[None])[0]


def unit(vectors: npt.NDArray[np.floating]) -> Floats:
    """Return the vectors [N, d] at length 1; zeros stay zeros."""
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norm > 0, norm, 1), np.float32)
