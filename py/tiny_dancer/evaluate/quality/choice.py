"""The choice of λ by APGR: inside training folds, or on sources left out."""

from collections.abc import Mapping, Sequence

import numpy as np

from ...calibration.curve import measure
from ...train.heads import Floats, routing_score
from .bootstrap import Array

LAMBDAS = tuple(float(x) for x in np.round(np.arange(0, 1.01, 0.05), 2))


def best_elsewhere(apgrs: Mapping[str, Sequence[float]], source: str) -> float:
    """Return the λ with the best plain mean APGR over all sources but this one.

    `apgrs` holds, by source, one APGR for each of LAMBDAS; an unknown source leaves none out.
    """
    others = [values for name, values in apgrs.items() if name != source]
    return float(LAMBDAS[int(np.argmax(np.mean(others, 0)))])


def by_lambda(p: Array, quality: Floats) -> list[float]:
    """Return the APGR for each of LAMBDAS; p and quality are [N, M]."""
    light, strong = quality[:, 0], quality[:, -1]
    return [measure(routing_score(p, x), light, strong).apgr for x in LAMBDAS]


def best_lambda(p: Array, quality: Floats) -> float:
    """Return the λ with the highest APGR, from probabilities of rows their model has not seen."""
    return float(LAMBDAS[int(np.argmax(by_lambda(p, quality)))])
