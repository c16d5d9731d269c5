"""Which weights of a model are the least: they become zero. Importing this imports NumPy."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .bundle import Bundle
from .sparse import PRUNED

Floats = npt.NDArray[np.float32]


def kept_weights(weights: npt.NDArray[Any], share: float) -> npt.NDArray[np.bool_]:
    """True for the weights that stay when this share of them, the least in magnitude, goes.

    Of equal ones the first go.
    """
    gone = np.argsort(np.abs(weights), axis=None, kind="stable")[: round(share * weights.size)]
    kept = np.ones(weights.size, bool)
    kept[gone] = False
    return kept.reshape(weights.shape)


def pruned(bundle: Bundle, share: float) -> dict[str, tuple[list[int], bytes]]:
    """Tensors with the least of each part's weights zero: token rows, recurrent matrix, heads.

    An int8 row counts as the kernel computes with it, times its scale.
    """
    found = {}
    for name, (_, columns) in PRUNED.items():
        values = np.array(bundle.tensors[name]).reshape(-1, bundle.sizes[columns])
        size = np.abs(values.astype(np.float32))
        if name == "token.rows" and not bundle.is_float:
            size *= np.array(bundle.tensors["token.scales"], np.float32)[:, None]
        values[~kept_weights(size, share)] = 0
        found[name] = (list(values.shape), values.tobytes())
    return found
