"""What could be certified on the pairs there are, or how many are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..calibration.calibrate import calibrate
from ..calibration.defaults import DELTA
from ..calibration.paired_outcome import PairedOutcome
from ..errors import NotEnoughData
from ..policy import Policy, Target

TARGETS: Final = (0.90, 0.95, 0.98)
"""Shares of quality to keep. Each gets a third of delta, so that one may choose after looking."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One target.

    Attributes:
        target: share of the powerful model's quality to keep.
        delta: probability that it is not kept although certified.
        policy: certified; None where the pairs do not suffice.
        light_share: of the traffic, at the policy.
        saving: money per 1,000 requests that the policy saves; None where costs are not known.
        fewest: pairs missing if none of them loses anything; None where no number would do.
        at_this_rate: pairs missing at today's rate of losses; None likewise.
    """

    target: float
    delta: float
    policy: Policy | None = None
    light_share: float | None = None
    saving: float | None = None
    fewest: int | None = None
    at_this_rate: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        facts: dict[str, Any] = {"target": self.target, "delta": round(self.delta, 6)}
        if self.policy is None:
            return {**facts, "missing": self.at_this_rate, "missing_at_least": self.fewest}
        certificate = self.policy.certificate
        return {
            **facts,
            "light_share": None if self.light_share is None else round(self.light_share, 4),
            "bound": certificate.bound if certificate else None,
            "threshold": self.policy.threshold,
            "saving_per_1000": self.saving,
        }


def find_promise(
    pairs: Sequence[PairedOutcome], target: float, bundle_hash: str, date: str
) -> Promise:
    """What can be promised for a target, its share of the traffic still to be filled in."""
    delta = DELTA / len(TARGETS)
    wish = Target("quality_kept", target)
    try:
        policy = calibrate(pairs, wish, bundle_hash=bundle_hash, date=date, delta=delta)
    except NotEnoughData as error:
        return Promise(target, delta, fewest=error.fewest, at_this_rate=error.at_this_rate)
    return Promise(target, delta, policy, saving=_find_saving(pairs, policy.threshold))


def _find_saving(pairs: Sequence[PairedOutcome], threshold: float) -> float | None:
    """Money per 1,000 prompts that go by a threshold and not all to the powerful model."""
    priced = [(p.scores[0], p.cost) for p in pairs if p.cost]
    if not priced:
        return None
    saved = sum(cost[-1] - cost[0] for score, cost in priced if score <= threshold)
    return 1_000 * saved / len(priced)
