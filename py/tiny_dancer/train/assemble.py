"""From a fitted network and scored calibration prompts to the tensors of a bundle."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from ..model.spec import INTERVAL_SCALE, INTERVAL_WINDOW, QUALITY_SCALE
from .network import Floats
from .vocabulary import Vocabulary

Tensors = dict[str, tuple[list[int], bytes]]

COVERAGE = 0.90
"""Of the Clopper-Pearson interval."""


def interval_table(rows: int) -> npt.NDArray[np.uint16]:
    """[W, 2] Clopper-Pearson bounds for k of W − 1 successes, rounded outward to 1/10,000."""
    n = min(rows, INTERVAL_WINDOW)
    k = np.arange(n + 1)
    tail = (1 - COVERAGE) / 2
    low, high = np.zeros(n + 1), np.ones(n + 1)
    low[1:] = beta.ppf(tail, k[1:], n - k[1:] + 1)
    high[:-1] = beta.ppf(1 - tail, k[:-1] + 1, n - k[:-1])
    bounds = [np.floor(low * INTERVAL_SCALE), np.ceil(high * INTERVAL_SCALE)]
    return np.stack(bounds, 1).astype(np.uint16)


def calibration_tensors(score: Floats, confidence: Floats, quality: Floats) -> Tensors:
    """Return the calibration tensors of N prompts: score [N], confidence [N], quality [N, M].

    A quality of at least 0.5 stays at least 0.5 in its byte.
    """
    order = np.lexsort((confidence, score))
    graded = np.rint(quality * QUALITY_SCALE)
    graded = np.where(quality >= 0.5, np.maximum(graded, 128), np.minimum(graded, 127))
    return {
        "calibration.score": packed(score[order], "<f4"),
        "calibration.confidence": packed(confidence[order], "<f4"),
        "calibration.quality": packed(graded[order], "u1"),
        "calibration.interval": packed(interval_table(len(score)), "<u2"),
    }


def model_tensors(
    vocabulary: Vocabulary,
    rows: npt.NDArray[np.int8],
    scales: Floats,
    cell: Mapping[str, Floats],
    heads: Floats,
    bias: Floats,
) -> Tensors:
    """Return the tensors that the kernel computes with; `cell` holds u, bias_z and bias_h."""
    strings = [entry.removeprefix("##").encode() for entry in vocabulary.entries]
    return {
        "vocab.strings": packed(np.frombuffer(b"".join(strings), np.uint8), "u1"),
        "vocab.lengths": packed(np.array([len(s) for s in strings]), "u1"),
        "vocab.flags": packed(vocabulary.flags, "u1"),
        "vocab.surprisal": packed(vocabulary.surprisal, "u1"),
        "token.rows": packed(rows, "i1"),
        "token.scales": packed(scales, "<f4"),
        **{f"cell.{name}": packed(value, "<f4") for name, value in cell.items()},
        "head.weights": packed(heads, "<f4"),
        "head.bias": packed(bias, "<f4"),
    }


def packed(values: npt.NDArray[np.generic], dtype: str) -> tuple[list[int], bytes]:
    """Return shape and little-endian bytes in row order."""
    return list(values.shape), np.ascontiguousarray(values, np.dtype(dtype)).tobytes()
