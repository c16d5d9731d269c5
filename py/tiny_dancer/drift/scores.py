"""Bets that the routing scores are no longer those of before: a conformal test martingale.

Each score gets a smoothed p-value among all scores so far; while scores are exchangeable, p-values
are independent and uniform (Vovk, Gammerman and Shafer 2005, section 8.2), and a bet of gain
1 + e (p − ½) is fair. The bag of scores is a histogram, so that it stays small for any traffic.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

SLOPES: Final = (-1.6, -0.8, -0.4, 0.4, 0.8, 1.6)
BINS: Final = 4096
LOWEST: Final = -2.0
HIGHEST: Final = 2.0


class Bag:
    """The scores so far, as a histogram that is summed in twelve steps (Fenwick 1994).

    Args:
        counts: by bin.
    """

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: dict[int, int] = {}
        self._tree = [0] * (BINS + 1)
        self._n = 0
        for at, count in (counts or {}).items():
            self._put(at, count)

    def add(self, score: float, u: float) -> float:
        """Put a score in; its smoothed p-value, small where it is among the highest.

        Args:
            score: in [-2, 2].
            u: uniform in [0, 1], to part equals.
        """
        at = bin_of(score)
        self._put(at, 1)
        return (self._n - self._sum(at + 1) + u * self.counts[at]) / self._n

    def _put(self, at: int, count: int) -> None:
        self.counts[at] = self.counts.get(at, 0) + count
        self._n += count
        node = at + 1
        while node <= BINS:
            self._tree[node] += count
            node += node & -node

    def _sum(self, node: int) -> int:
        """Scores in the first `node` bins."""
        total = 0
        while node > 0:
            total += self._tree[node]
            node -= node & -node
        return total


def bin_of(score: float) -> int:
    """The bin of a score."""
    return min(BINS - 1, max(0, int((score - LOWEST) / (HIGHEST - LOWEST) * BINS)))


def uniform_of(name: str) -> float:
    """A number in [0, 1) that depends on a name alone, so that every host draws the same."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def gains_at(p: float) -> list[float]:
    """By what a p-value multiplies each bet."""
    return [1 + slope * (p - 0.5) for slope in SLOPES]
