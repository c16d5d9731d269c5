"""The cost curve of a two-model router: quality kept against the share of strong calls.

Definitions of Ong et al., arXiv 2406.18665, section 4, on the exact curve: every share of strong
calls, equal scores sharing alike (the curve is straight across a group of ties).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Corners of the curve, from weak only (share 0) to strong only (share 1)."""

    share: Array
    """[C] share of prompts that go to the strong model, rising from 0 to 1."""
    quality: Array
    """[C] mean quality of the mix."""

    @property
    def recovered(self) -> Array:
        """[C] performance gap recovered (PGR): gain over weak only / gain of strong only."""
        gap = self.quality[-1] - self.quality[0]
        if gap == 0:
            raise ValueError("both models have the same mean quality: PGR is not defined")
        return (self.quality - self.quality[0]) / gap


def curve(score: npt.ArrayLike, weak: npt.ArrayLike, strong: npt.ArrayLike) -> Curve:
    """Return the curve of sending the highest scores [N] to the strong model.

    `weak` and `strong` [N] are the two models' qualities.
    """
    s, w, t = (np.asarray(v, np.float64) for v in (score, weak, strong))
    if not len(s) == len(w) == len(t) or not len(s):
        raise ValueError(f"lengths differ or are zero: {len(s)}, {len(w)}, {len(t)}")
    values, group = np.unique(-s, return_inverse=True)
    count = np.bincount(group, minlength=len(values))
    gain = np.bincount(group, weights=t - w, minlength=len(values))
    share = np.concatenate([[0.0], np.cumsum(count) / len(s)])
    quality = w.mean() + np.concatenate([[0.0], np.cumsum(gain) / len(s)])
    return Curve(share, quality)


def apgr(c: Curve) -> float:
    """Mean PGR over all shares of strong calls: 0.5 = random order, higher is better."""
    return float(np.trapezoid(c.recovered, c.share))


def cpt(c: Curve, part: float) -> float:
    """Smallest share of strong calls that recovers `part` of the gap (CPT50: 0.5)."""
    return _first_crossing(c.share, c.recovered, part)


def light_share(c: Curve, kept: float) -> float:
    """Largest share of prompts the weak model can keep at `kept` of the strong model's quality."""
    return 1.0 - _first_crossing(c.share, c.quality, kept * c.quality[-1])


def _first_crossing(x: Array, y: Array, level: float) -> float:
    above = np.flatnonzero(y >= level - 1e-12)
    if not len(above):
        return 1.0
    k = int(above[0])
    if k == 0:
        return float(x[0])
    rise = (level - y[k - 1]) / (y[k] - y[k - 1])
    return float(x[k - 1] + min(rise, 1.0) * (x[k] - x[k - 1]))


@dataclass(frozen=True)
class Routing:
    """The figures of one router on one set of prompts; all in 0..1."""

    apgr: float
    cpt50: float
    cpt80: float
    light90: float
    light95: float
    light98: float


def measure(score: npt.ArrayLike, weak: npt.ArrayLike, strong: npt.ArrayLike) -> Routing:
    """Return all figures of a routing score (high = strong) against two models' qualities [N]."""
    c = curve(score, weak, strong)
    return Routing(
        apgr(c), cpt(c, 0.5), cpt(c, 0.8), *(light_share(c, kept) for kept in (0.90, 0.95, 0.98))
    )
