"""A logistic regression on mpnet's sentences, of a sample of the rows: it takes minutes."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...adapt.stem import draw
from ...train.encoded import Index
from ...train.labels import LabelledPrompts
from ..baselines import regressions
from .mpnet import Mpnet

SAMPLE = 250
"""Rows of a source at most, the same at every call."""
STRENGTH = 10.0
"""C of the regression: sentences of length one have small numbers."""

Progress = Callable[[str], None]


def sampled(data: LabelledPrompts, most: int | None = None) -> Index:
    """Return the rows of the sample, in order; `most` of a source, `SAMPLE` unless given."""
    most = SAMPLE if most is None else most
    chosen = []
    for source in sorted(set(data.sources)):
        rows = np.flatnonzero(data.of_source(source))
        place = np.array([draw(data.prompts[i], "sentences:") for i in rows])
        chosen.append(rows[np.argsort(place, kind="stable")[:most]])
    return np.sort(np.concatenate(chosen))


def states(
    data: LabelledPrompts, rows: Index, encoder: Path, cache: Path, progress: Progress
) -> npt.NDArray[np.float32]:
    """Return [len(rows), 768] states, read from `cache` where they are of the same prompts."""
    prompts = [data.prompts[i] for i in rows]
    digest = hashlib.sha256("\0".join(prompts).encode("utf-8", "surrogatepass")).hexdigest()
    if cache.is_file():
        with np.load(cache) as file:
            if str(file["prompts"]) == digest:
                return np.asarray(file["states"], np.float32)
    found = Mpnet(encoder).sentences(prompts, progress).astype(np.float16)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, states=found, prompts=digest)
    return found.astype(np.float32)


def regression(
    x: npt.NDArray[np.float32], right: npt.NDArray[np.float32], train: Index, test: Index
) -> npt.NDArray[np.float64]:
    """Return P(light answers well) [len(test), 1] of a regression on the `train` rows of x."""
    return regressions(x[train], right[train][:, :1], x[test], STRENGTH)
