"""The reliability of probabilities: how often that came true which was given a probability."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Bin:
    """Prompts of about the same probability."""

    mean: float
    """Of the probabilities."""
    share: float
    """Share of prompts that the model answered well."""
    count: int


def reliability(p: npt.ArrayLike, right: npt.ArrayLike, bins: int = 10) -> list[Bin]:
    """Return the bins of equal width that are not empty, in order of probability."""
    prob, y = np.asarray(p, np.float64), np.asarray(right, np.float64)
    index = np.minimum((prob * bins).astype(int), bins - 1)
    return [
        Bin(float(prob[inside].mean()), float(y[inside].mean()), int(inside.sum()))
        for inside in (index == k for k in range(bins))
        if inside.any()
    ]
