"""A betting bound: the capital of a game that no margin of mean zero or less lets grow.

Whoever bets a fixed fraction f of the largest safe stake on every margin holds
K = Π (1 + f / floor · margin), which is on average at most 1 where the mean margin is at most 0
(Waudby-Smith and Ramdas 2024, arXiv 2010.09686, section 4). The mean over `FRACTIONS` is such a
capital too, and does not depend on the order of the prompts. Where it reaches 1 / delta, "the mean
is at most 0" is refused; by Ville's inequality that happens, at whatever number of prompts one
looks and however often, with probability at most delta.
"""

from collections import Counter
from collections.abc import Iterable
from math import exp, log, log1p
from typing import Final

FRACTIONS: Final = (0.8, 0.4, 0.2, 0.1, 0.05, 0.025, 0.0125)
"""Of the stake at which the worst margin would take all: from few prompts to a hundred thousand."""
_PRIOR: Final = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.25)
WEIGHTS: Final = tuple(w / sum(_PRIOR) for w in _PRIOR)
_LOGS: Final = tuple(map(log, WEIGHTS))


class Capital:
    """The capital after some margins, which can be exchanged one by one.

    Args:
        floor: no margin is below minus this.
        margins: of the prompts.
    """

    def __init__(self, floor: float, margins: Iterable[float] = ()) -> None:
        self._stakes = [fraction / max(floor, 1e-12) for fraction in FRACTIONS]
        self._gains: dict[tuple[float, float], list[float]] = {}
        self.logs = [0.0] * len(FRACTIONS)
        for margin, count in Counter(margins).items():
            self._add(margin, count)

    def exchange(self, old: float, new: float) -> None:
        """Take one prompt's margin for another."""
        gain = self._gains.get((old, new))
        if gain is None:
            gain = [log1p(s * new) - log1p(s * old) for s in self._stakes]
            if len(self._gains) < 1024:
                self._gains[old, new] = gain
        self.logs = [a + b for a, b in zip(self.logs, gain, strict=True)]

    @property
    def log(self) -> float:
        """Natural logarithm of the capital."""
        return _mean(self.logs)

    def after(self, margin: float, more: float) -> float:
        """The same after `more` further prompts of this margin."""
        return _mean(
            [a + more * log1p(s * margin) for a, s in zip(self.logs, self._stakes, strict=True)]
        )

    def after_mix(self, margin: float, other: float, part: float, more: float) -> float:
        """The same after `more` further prompts, of which this part has the other margin."""
        return _mean(
            [
                a + more * ((1 - part) * log1p(s * margin) + part * log1p(s * other))
                for a, s in zip(self.logs, self._stakes, strict=True)
            ]
        )

    def after_as_now(self, part: float) -> float:
        """The same after more prompts of the same kinds: `part` times all so far, and these."""
        return _mean([(1 + part) * a for a in self.logs])

    def _add(self, margin: float, count: int) -> None:
        self.logs = [
            a + count * log1p(s * margin) for a, s in zip(self.logs, self._stakes, strict=True)
        ]


def _mean(logs: list[float]) -> float:
    terms = [a + b for a, b in zip(logs, _LOGS, strict=True)]
    top = max(terms)
    return top + log(sum(exp(t - top) for t in terms))
