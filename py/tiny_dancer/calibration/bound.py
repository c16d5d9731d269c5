"""Bounds that say of one threshold whether a target holds there: betting, or for rates, tails."""

from collections.abc import Callable, Sequence
from math import ceil, log
from typing import Final, Protocol

from ..errors import PolicyError
from .betting import Capital
from .binomial import binomial_cdf, hoeffding_bentkus
from .defaults import BETTING
from .margin import Margins

CLOPPER_PEARSON: Final = "clopper-pearson"
HOEFFDING_BENTKUS: Final = "hoeffding-bentkus"
BOUNDS: Final = (BETTING, CLOPPER_PEARSON, HOEFFDING_BENTKUS)
_MOST: Final = 1 << 60
"""Prompts beyond which nobody waits."""


class Bound(Protocol):
    """What is known of the target while the choices change one prompt after the other."""

    def change(self, row: int, old: int, new: int) -> None:
        """Let a prompt go to the model `new` instead of `old`."""

    def holds(self) -> bool:
        """True where the target holds at these choices, but for a chance of delta."""

    def missing(self) -> tuple[int | None, int | None]:
        """Further prompts that `holds` needs: if none loses anything, and at the rate so far.

        The first is at most the second; None where no number of them would do.
        """

    def needed(self, rate: float) -> int | None:
        """How many prompts that count into a rate it takes, where this share of them is lost."""


def open_bound(
    name: str, margins: Margins, alpha: float, delta: float, choice: Sequence[int]
) -> Bound:
    """The bound of a name, at first choices.

    Raises:
        PolicyError: there is none of this name, or it does not fit the target.
    """
    if name == BETTING:
        return BettingBound(margins, delta, choice)
    if name not in BOUNDS:
        raise PolicyError(f"bound: one of {', '.join(BOUNDS)} is needed, got {name!r:.40}")
    if not margins.counted:
        raise PolicyError(f"bound: {name} bounds rates; this target needs {BETTING}")
    if name == HOEFFDING_BENTKUS:
        return TailBound(margins, alpha, delta, choice, hoeffding_bentkus)
    if any(x not in (0.0, 1.0) for row in margins.loss for x in row):
        raise PolicyError(f"bound: {name} needs losses of 0 or 1, these are fractional")
    return TailBound(margins, alpha, delta, choice, _clopper_pearson)


def _clopper_pearson(loss: float, n: int, alpha: float) -> float:
    """P-value of "the rate exceeds alpha" after so many losses among n."""
    return binomial_cdf(round(loss), n, alpha)


class BettingBound:
    """Holds where the capital reaches 1 / delta; one may look again with more prompts."""

    def __init__(self, margins: Margins, delta: float, choice: Sequence[int]) -> None:
        self._margins, self._goal = margins, log(1 / delta)
        rows, counted = margins.rows, margins.counted
        self._capital = Capital(margins.floor, (rows[i][m] for i, m in enumerate(choice)))
        self._counted = sum(counted[i][m] for i, m in enumerate(choice)) if counted else len(rows)

    def change(self, row: int, old: int, new: int) -> None:
        """As `Bound` says."""
        margins = self._margins.rows[row]
        self._capital.exchange(margins[old], margins[new])
        if self._margins.counted:
            counted = self._margins.counted[row]
            self._counted += counted[new] - counted[old]

    def holds(self) -> bool:
        """As `Bound` says."""
        return self._capital.log >= self._goal

    def missing(self) -> tuple[int | None, int | None]:
        """As `Bound` says."""
        n, clean = len(self._margins.rows), self._margins.clean
        fewest = _smallest(lambda m: self._capital.after(clean, m) >= self._goal)
        now = _smallest(lambda m: n > 0 and self._capital.after_as_now(m / n) >= self._goal)
        fewest = _of_all(fewest, self._counted, n)
        if (
            now is not None
        ):  # a light model that answers better gains more than one that loses nothing
            fewest = now if fewest is None else min(fewest, now)
        return fewest, now

    def needed(self, rate: float) -> int | None:
        """As `Bound` says."""
        clean, lost = self._margins.clean, -self._margins.floor
        fresh = Capital(self._margins.floor)
        return _smallest(lambda m: fresh.after_mix(clean, lost, rate, m) >= self._goal)


class TailBound:
    """Holds where the p-value of the losses so far is at most delta; for one look."""

    def __init__(
        self,
        margins: Margins,
        alpha: float,
        delta: float,
        choice: Sequence[int],
        p_value: Callable[[float, int, float], float],
    ) -> None:
        self._margins, self._alpha, self._delta, self._p_value = margins, alpha, delta, p_value
        self._n = sum(margins.counted[i][m] for i, m in enumerate(choice))
        self._loss = sum(margins.loss[i][m] for i, m in enumerate(choice))
        self._held_at: tuple[float, int] | None = None

    def change(self, row: int, old: int, new: int) -> None:
        """As `Bound` says."""
        counted, loss = self._margins.counted[row], self._margins.loss[row]
        self._n += counted[new] - counted[old]
        self._loss += loss[new] - loss[old]

    def holds(self) -> bool:
        """As `Bound` says."""
        if self._held_at is not None:
            loss, n = self._held_at
            if self._loss <= loss and self._n >= n:
                return True  # less loss among more prompts: the p-value is smaller still
        if self._p_value(self._loss, self._n, self._alpha) > self._delta:
            return False
        self._held_at = self._loss, self._n
        return True

    def missing(self) -> tuple[int | None, int | None]:
        """As `Bound` says."""
        n, loss, rows = self._n, self._loss, len(self._margins.rows)

        def passes(more: int, further_loss: float) -> bool:
            return self._p_value(loss + further_loss, n + more, self._alpha) <= self._delta

        fewest = _smallest(lambda m: passes(m, 0.0))
        now = None
        if n and loss / n < self._alpha:
            now = _smallest(lambda m: passes(m, ceil(loss * m / n)))
        return _of_all(fewest, n, rows), _of_all(now, n, rows)

    def needed(self, rate: float) -> int | None:
        """As `Bound` says."""
        return _smallest(lambda m: self._p_value(ceil(rate * m), m, self._alpha) <= self._delta)


def _of_all(many: int | None, counted: int, n: int) -> int | None:
    """How many prompts bring so many that count, where `counted` of n did."""
    return None if many is None else ceil(many * max(n, 1) / max(counted, 1))


def _smallest(passes: Callable[[int], bool]) -> int | None:
    """The smallest number that passes, where all above it do; None where none does."""
    high = 1
    while not passes(high):
        high *= 2
        if high > _MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return high
