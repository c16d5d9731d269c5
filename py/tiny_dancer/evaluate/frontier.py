"""Cost against quality for any number of models: a router, every single model, and the oracle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..calibration.sweep import Point

Array = npt.NDArray[np.float64]

ORACLE_RATES = 200
"""Exchange rates of quality for money that the oracle is asked at, at most."""


@dataclass(frozen=True)
class Spot:
    """Mean cost of a prompt, in the unit of the prices, and mean quality of the answers."""

    cost: float
    quality: float


def routed(points: Sequence[Point], prices: Sequence[float]) -> list[Spot]:
    """Return where each threshold of a router lies, from the powerful model alone on."""
    costs = np.array([point.share for point in points]) @ np.array(prices)
    return [Spot(float(c), p.quality) for c, p in zip(costs, points, strict=True)]


def singles(quality: npt.ArrayLike, prices: Sequence[float]) -> list[Spot]:
    """Return where each model alone lies; quality [N, M]."""
    means = np.asarray(quality, np.float64).mean(0)
    return [Spot(float(price), float(mean)) for price, mean in zip(prices, means, strict=True)]


def oracle(quality: npt.ArrayLike, prices: Sequence[float]) -> list[Spot]:
    """Return the corners of the best that anybody could do who knew every quality beforehand.

    At an exchange rate μ it chooses max q − μ · price, the cheapest of equals; between corners it
    mixes. With more than `ORACLE_RATES` different rates only their quantiles are asked.
    """
    q, price = np.asarray(quality, np.float64), np.asarray(prices, np.float64)
    rates = {0.0}
    for a in range(len(price)):
        for b in range(a):
            if gap := price[a] - price[b]:
                rates.update(np.unique((q[:, a] - q[:, b]) / gap).tolist())
    every = np.array(sorted(r for r in rates if r >= 0))
    if len(every) > ORACLE_RATES:
        every = np.quantile(every, np.linspace(0, 1, ORACLE_RATES))
    # A little above each rate the trade is not worth it any more; at 0 ties go to the cheapest.
    spots = {_chosen(q, price, rate * (1 + 1e-9) + 1e-12) for rate in every}
    return [Spot(*spot) for spot in sorted(spots)]


def thinned(spots: Sequence[Spot], count: int = 101) -> list[Spot]:
    """Return at most `count` of the spots, evenly along the list, with both ends."""
    if len(spots) <= count:
        return list(spots)
    return [spots[round(k * (len(spots) - 1) / (count - 1))] for k in range(count)]


def _chosen(q: Array, price: Array, rate: float) -> tuple[float, float]:
    choice = np.argmax(q - rate * price, 1)
    return float(price[choice].mean()), float(q[np.arange(len(q)), choice].mean())
