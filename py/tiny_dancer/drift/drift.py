"""What the monitors of a certified policy say."""

from dataclasses import asdict, dataclass
from typing import Any, Final

RATE: Final = 1 / 1000
"""Probability that either monitor ever speaks up although nothing has changed."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one monitor has seen.

    Attributes:
        n: observations: decisions, or graded outcomes of distinct prompts.
        e_value: capital of bets against "nothing has changed"; 1 at first.
        bound: the e-value at which it speaks up.
        since: when it did, in seconds since 1970; None where it did not.
    """

    n: int
    e_value: float
    bound: float
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """The monitors of the certified policy in service.

    Attributes:
        policy_id: the policy.
        loss: of the certified target, on graded outcomes; where it speaks up, every decision is
            powerful until somebody acknowledges it or calibrates anew.
        scores: of the routing scores against those before; it warns, and nothing else.
        is_unreadable: True where the stored evidence cannot be read: it may have been an alarm, so
            it is one.
    """

    policy_id: str
    loss: Evidence
    scores: Evidence
    is_unreadable: bool = False

    @property
    def state(self) -> str:
        """`alarm`, `warning` or `steady`."""
        if self.is_unreadable or self.loss.since is not None:
            return "alarm"
        return "steady" if self.scores.since is None else "warning"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {"state": self.state, **asdict(self)}
