"""Policies for `auto:quality=x`, from the rows a bundle carries. An estimate, no guarantee."""

from array import array
from typing import Final

from ...errors import PolicyError
from ...model import Bundle
from ...policy import Estimate, Policy, Target

NOTHING: Final = -2.0
"""Threshold below every score."""


def policy_for(bundle: Bundle, quality: float) -> Policy:
    """The largest threshold that keeps this share of the powerful model's quality.

    On the bundle's calibration rows, with the formula of its default policy (train/threshold.py).

    Args:
        bundle: with two models and at least one row.
        quality: share in [0, 1].

    Raises:
        PolicyError: the bundle has more than two models, or no rows.
    """
    rows, models = bundle.sizes["N"], bundle.sizes["M"]
    if models != 2 or not rows:
        raise PolicyError("quality: only a bundle of two models with rows can estimate it")
    score, levels = bundle.tensors["calibration.score"], bundle.tensors["calibration.quality"]
    light, powerful = levels[::2].tolist(), levels[1::2].tolist()
    total = sum(powerful)
    kept = total
    best, best_kept = -1, total
    for row in range(rows):
        kept += light[row] - powerful[row]
        tied = row + 1 < rows and score[row + 1] == score[row]
        if not tied and kept >= quality * total:
            best, best_kept = row, kept
    if best < 0:
        threshold = NOTHING
    else:
        following = score[min(best + 1, rows - 1)]
        threshold = array("f", [(score[best] + following) / 2])[0]
    return Policy(
        threshold=threshold,
        target=Target("quality_kept", quality),
        estimate=Estimate(best_kept / total if total else 1.0, (best + 1) / rows, rows),
        bundle_hash=bundle.bundle_hash,
    )
