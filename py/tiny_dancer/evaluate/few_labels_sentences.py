"""States of sentence encoders on samples of each source, for regressions on a few labels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..train.labels import LabelledPrompts
from ..train.minilm import WIDTH, MiniLM
from ..train.shipped import sentence_features
from ..train.wider import REPEATS
from .quality.mpnet import mpnet_folder
from .quality.parts import GROUPS, MPNET
from .quality.sentences import sampled, states
from .quality.wide import NEVER_SAMPLED

MINILM = "MiniLM-384 + LR"
LARGE = 1_500
"""Rows of a source: a thousand labels, the rows to test on, and some that share their questions."""

Progress = Callable[[str], None]
Sample = tuple[npt.NDArray[np.int64], dict[str, npt.NDArray[np.float32]]]
"""Rows in order, and the states of each by the name of the regression on them."""


def samples(data: LabelledPrompts, kept: Path, progress: Progress) -> dict[str, Sample]:
    """Return the large sample of the sources left out, and the small one that mpnet reads.

    mpnet's states are missing where the environment names no encoder. States are kept by their
    prompts' hash.
    """
    known = np.flatnonzero(data.of_source(*(source for group in GROUPS for source in group)))
    large = known[sampled(data.take(known), LARGE)]
    whole = sentence_features(MiniLM(), data.take(large), progress, kept / "few-minilm.npz")
    last = whole[:, -WIDTH:] / np.linalg.norm(whole[:, -WIDTH:], axis=1, keepdims=True)
    others = np.flatnonzero(~data.of_source(*REPEATS, *NEVER_SAMPLED))
    read = others[sampled(data.take(others))]
    inside = np.flatnonzero(np.isin(read, large))
    small = {MINILM: last[np.searchsorted(large, read[inside])]}
    if (encoder := mpnet_folder()) is not None:
        small[MPNET] = states(data, read, encoder, kept / "mpnet.npz", progress)[inside]
    return {"sources": (large, {MINILM: last}), "sampled": (read[inside], small)}
