"""Splits that do not leak: every row of a question's stem falls on the same side."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ..adapt.stem import draw, fold, stem

HOLDOUT_SHARE = 0.15
"""Share of stems that nothing but the calibration rows and the final report ever sees."""


def held_out(prompts: Iterable[str], share: float = HOLDOUT_SHARE) -> npt.NDArray[np.bool_]:
    """[N] True for the untouched share of stems."""
    return np.array([draw(p, "holdout:") < share for p in prompts], bool)


def first_of_stem(prompts: Iterable[str]) -> npt.NDArray[np.bool_]:
    """[N] True for the first row of each stem.

    Calibration rows must be exchangeable; the same question with other options and other models
    would count twice, and its two labels contradict each other.
    """
    seen: set[str] = set()
    first = []
    for name in map(stem, prompts):
        first.append(name not in seen)
        seen.add(name)
    return np.array(first, bool)


def folds(prompts: Iterable[str], count: int = 5, salt: str = "fold:") -> npt.NDArray[np.int64]:
    """[N] fold number 0 … count−1 of each prompt's stem."""
    return np.array([fold(p, count, salt) for p in prompts], np.int64)


def subject_groups(subjects: Iterable[str], count: int = 7) -> npt.NDArray[np.int64]:
    """[N] group of each row's subject: subjects sorted by name, dealt out in turn."""
    names = list(subjects)
    order = {name: k % count for k, name in enumerate(sorted(set(names)))}
    return np.array([order[name] for name in names], np.int64)
