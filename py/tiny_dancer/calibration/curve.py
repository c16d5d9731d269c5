"""The cost curve of a two-model router: quality against the share of powerful calls.

Definitions of Ong et al., arXiv 2406.18665, section 4, on the exact curve: every share of powerful
calls, equal scores sharing alike (the curve is straight across a group of ties).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Curve:
    """Corners of the curve, from light only (share 0) to powerful only (share 1).

    Attributes:
        share: share of prompts that go to the powerful model, rising from 0 to 1.
        quality: mean quality of the mix at each share.
    """

    share: Sequence[float]
    quality: Sequence[float]

    @property
    def gap(self) -> float:
        """Mean quality that the powerful model has beyond the light one's."""
        return self.quality[-1] - self.quality[0]

    @property
    def advantage(self) -> float:
        """Mean quality over all shares, beyond that of a random order."""
        corners = list(zip(self.share, self.quality, strict=True))
        area = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(corners))
        return area - (self.quality[0] + self.quality[-1]) / 2

    def share_at(self, quality: float) -> float:
        """The smallest share of powerful calls with this mean quality; 1 where none has it."""
        at = next((k for k, q in enumerate(self.quality) if q >= quality - 1e-12), None)
        if at is None or at == 0:
            return 1.0 if at is None else self.share[0]
        low, high = self.quality[at - 1], self.quality[at]
        part = min((quality - low) / (high - low), 1.0)
        return self.share[at - 1] + part * (self.share[at] - self.share[at - 1])


def curve(score: Iterable[float], light: Iterable[float], powerful: Iterable[float]) -> Curve:
    """The curve of sending the highest scores to the powerful model.

    Args:
        score: routing score of each of N prompts.
        light: quality of the light model's answer to each.
        powerful: the same of the powerful model's.

    Raises:
        ValueError: the lengths differ, or there is no prompt.
    """
    rows = [(float(s), float(w), float(q)) for s, w, q in zip(score, light, powerful, strict=True)]
    if not rows:
        raise ValueError("a curve needs a prompt or more")
    rows.sort(key=lambda row: -row[0])
    n, total = len(rows), sum(w for _, w, _ in rows)
    shares, qualities = [0.0], [total / n]
    for at, (s, w, q) in enumerate(rows, 1):
        total += q - w
        if at == n or rows[at][0] < s:
            shares.append(at / n)
            qualities.append(total / n)
    return Curve(shares, qualities)


def apgr(of: Curve) -> float:
    """Mean performance gap recovered over all shares of powerful calls: 0.5 = random order.

    Raises:
        ValueError: both models are equally good on the whole, so that there is no gap.
    """
    if abs(of.gap) < 1e-12:
        raise ValueError("both models have the same mean quality: there is no gap to recover")
    return 0.5 + of.advantage / of.gap


def cpt(of: Curve, part: float) -> float:
    """Smallest share of powerful calls that recovers `part` of the gap (CPT50: 0.5)."""
    return of.share_at(of.quality[0] + part * of.gap)


def light_share(of: Curve, kept: float) -> float:
    """Largest share of prompts that can go light at `kept` of the powerful model's quality."""
    return 1.0 - of.share_at(kept * of.quality[-1])


@dataclass(frozen=True, slots=True)
class Routing:
    """The figures of one router on one set of prompts; all in 0..1."""

    apgr: float
    cpt50: float
    cpt80: float
    light90: float
    light95: float
    light98: float


def measure(score: Iterable[float], light: Iterable[float], powerful: Iterable[float]) -> Routing:
    """All figures of a routing score (high = powerful) against two models' qualities.

    Raises:
        ValueError: as for `curve` and `apgr`.
    """
    of = curve(score, light, powerful)
    kept = (light_share(of, part) for part in (0.90, 0.95, 0.98))
    return Routing(apgr(of), cpt(of, 0.5), cpt(of, 0.8), *kept)
