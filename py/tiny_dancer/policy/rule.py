"""What a router decides by: a policy over a bundle, or the classic gate in its place."""

from dataclasses import dataclass

from ..reason import Reason
from .policy import Policy


@dataclass(frozen=True, slots=True)
class Gate:
    """The classic gate: light iff confident and certain enough; an unset bound does not bind.

    Attributes:
        confidence: least confidence, in [0, 1].
        uncertainty: largest uncertainty, in [0, 1].
    """

    confidence: float | None = None
    uncertainty: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """All that `decide` compares numbers with.

    Attributes:
        policy: the threshold; not looked at where a gate is set.
        doubt: why the policy is not gone by and every text is powerful; None where there is none.
        gate: decides in the policy's place; None where no bound was set.
        unfamiliar: (a, b) of the bundle: a prompt is unfamiliar where its surprisal, in 1/8 bit,
            exceeds a + b · tokens seen.
        candidate_threshold: confidence from which a candidate is good enough; None where the
            bundle scores none.
    """

    policy: Policy
    doubt: Reason | None
    gate: Gate | None
    unfamiliar: tuple[float, float]
    candidate_threshold: float | None
