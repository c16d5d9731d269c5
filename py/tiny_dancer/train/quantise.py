"""From float token rows to int8 rows with one scale a row."""

import numpy as np
import numpy.typing as npt

from .network import Floats

LARGEST = 127


def quantised(rows: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return int8 rows [V, H] and their f32 scales [V]; row ≈ scale · int8, symmetric about 0."""
    scales = (np.abs(rows).max(1) / LARGEST).astype(np.float32)
    safe = np.where(scales > 0, scales, 1)
    return np.rint(rows / safe[:, None]).astype(np.int8), scales


def restored(rows: npt.NDArray[np.int8], scales: Floats) -> Floats:
    """Return the f32 rows that the kernel computes with."""
    return np.asarray(rows.astype(np.float32) * scales[:, None], np.float32)
