"""From float token rows to int8 rows with one scale a row. Importing this imports NumPy."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LARGEST: Final = 127


def quantise(rows: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return int8 rows [V, H] and their f32 scales [V]; row ≈ scale · int8, symmetric about 0.

    The error of an element is at most half its row's scale. A row so small that its scale would
    be subnormal becomes zero, for such a scale holds too few bits to keep int8 in range.
    """
    scales = (np.abs(rows).max(1) / LARGEST).astype(np.float32)
    scales[scales < np.finfo(np.float32).tiny] = 0
    safe = np.where(scales > 0, scales, 1)
    return np.rint(rows / safe[:, None]).astype(np.int8), scales


def restore(rows: npt.NDArray[np.int8], scales: Floats) -> Floats:
    """Return the f32 rows that the kernel computes with."""
    return np.asarray(rows.astype(np.float32) * scales[:, None], np.float32)
