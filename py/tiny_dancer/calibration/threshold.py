"""The default policy: the threshold that keeps a share of the powerful model's quality."""

import numpy as np
import numpy.typing as npt

from ..train.network import Floats

QUALITY_KEPT = 0.95


def threshold(score: Floats, light: Floats, powerful: Floats, kept: float = QUALITY_KEPT) -> float:
    """Return the largest score τ such that light iff score ≤ τ keeps `kept` of powerful's quality.

    A point estimate on the N prompts given: no guarantee. −2 where nothing can go light.
    """
    order = np.argsort(score, kind="stable")
    s = score[order]
    gain = np.cumsum((light - powerful)[order].astype(np.float64))
    total = float(powerful.astype(np.float64).sum())
    last_of_tie = np.append(s[1:] > s[:-1], True)
    good = np.flatnonzero(last_of_tie & (total + gain >= kept * total - 1e-9))
    if not len(good):
        return -2.0
    k = int(good[-1])
    following = float(s[k + 1]) if k + 1 < len(s) else float(s[k])
    return float(np.float32((float(s[k]) + following) / 2))


def kept_and_share(
    score: npt.NDArray[np.generic], light: Floats, powerful: Floats, tau: float
) -> tuple[float, float]:
    """Return (quality kept, share that goes light) of a threshold."""
    goes = np.asarray(score) <= tau
    routed = np.where(goes, light, powerful).astype(np.float64).mean()
    strong = float(powerful.astype(np.float64).mean())
    return float(routed / strong) if strong else 1.0, float(goes.mean())
