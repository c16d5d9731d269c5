"""The capital of bets against "nothing has changed", whenever the change came.

A bet that is fair or worse while nothing has changed multiplies its stake by gains of mean at most
1. Money enters the game at the start of every block of observations, w_k = 1 / (k (k + 1)) at that
of block k, which sums to 1; the rest waits. So the whole is on average at most 1 while nothing has
changed, and by Ville's inequality it ever reaches 1 / rate with probability at most `rate`, however
often one looks (Shin, Ramdas and Rinaldo 2022, arXiv 2203.03532; Vovk et al. 2021, arXiv
2102.10439). A change late in a stream costs the logarithm of its time, for what entered just before
it has lost nothing yet.

Only products and sums: the same number on every host.
"""

from collections.abc import Sequence
from typing import Final

BLOCK: Final = 25
"""Observations between two starts."""


class Capital:
    """The capital of some bets.

    Args:
        amounts: of each bet so far; zeros at first.
        n: observations so far.
    """

    def __init__(self, amounts: Sequence[float], n: int = 0) -> None:
        self.amounts = list(amounts)
        self.n = n

    @property
    def value(self) -> float:
        """The money of all bets and what waits; 1 at first."""
        blocks = -(-self.n // BLOCK)
        return sum(self.amounts) + 1 / (blocks + 1)

    def add(self, gains: Sequence[float]) -> None:
        """One observation: by what it multiplies each bet's money, at least 0."""
        entering = 0.0
        if self.n % BLOCK == 0:
            k = self.n // BLOCK + 1
            entering = 1 / (k * (k + 1) * len(self.amounts))
        self.amounts = [
            min((a + entering) * g, 1e300) for a, g in zip(self.amounts, gains, strict=True)
        ]
        self.n += 1
