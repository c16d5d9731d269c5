"""From a fitted network to the tensors of a bundle."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ..model.spec import Tensors
from .network import Floats
from .vocabulary import Vocabulary


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
