"""Whether heads adapted to a few labels are worse than none, and whether beyond noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .few_labels_ladder import Array, Rows, Truth, losses
from .quality.bootstrap import interval, ranked_auc, resamples


@dataclass(frozen=True)
class Pair:
    """The rows that one draw of labels left to test on, and P(light) there before and after."""

    test: Rows
    before: Array
    after: Array


def difference(
    pairs: Sequence[Pair], right: Truth, stems: npt.NDArray[Any], count: int
) -> dict[str, float | list[float]]:
    """Return mean differences after − before over the draws, with 95 % intervals.

    Questions are resampled, the draws of labels stay: harm done by one draw of ten is harm. Above
    0, log-loss is worse; below 0, AUC is.
    """
    drawn = [_means(pairs, right, rows) for rows in resamples(list(stems), count)]
    loss, auc = _means(pairs, right, np.arange(len(right)))
    of_loss, of_auc = np.array(drawn).T
    return {
        "loss_difference": loss,
        "loss_difference_95": list(interval(of_loss)),
        "auc_difference": auc,
        "auc_difference_95": list(interval(of_auc)),
    }


def _means(pairs: Sequence[Pair], right: Truth, rows: Rows) -> tuple[float, float]:
    """Return the mean differences of log-loss and AUC on the rows given, some of them twice."""
    times = np.bincount(rows, minlength=len(right))
    found = []
    for pair in pairs:
        at = np.repeat(np.arange(len(pair.test)), times[pair.test])
        y, before, after = right[pair.test][at], pair.before[at], pair.after[at]
        worse = float((losses(after, y) - losses(before, y)).mean())
        same = np.array_equal(before, after)
        found.append((worse, 0.0 if same else ranked_auc(after, y) - ranked_auc(before, y)))
    loss, auc = np.mean(found, 0)
    return float(loss), float(auc)
