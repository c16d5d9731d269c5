"""What goes into a decision and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from .errors import InvalidInputError


class Reason(StrEnum):
    """Why a decision came out as it did."""

    BELOW_THRESHOLD = "below_threshold"
    ABOVE_THRESHOLD = "above_threshold"
    GATE_PASSED = "gate_passed"
    GATE_CONFIDENCE = "gate_confidence"
    GATE_UNCERTAINTY = "gate_uncertainty"
    NO_MODEL = "no_model"
    NOTHING_TO_SCORE = "nothing_to_score"
    EMPTY_PROMPT = "empty_prompt"
    UNFAMILIAR_INPUT = "unfamiliar_input"
    POLICY_MISMATCH = "policy_mismatch"
    POLICY_STALE = "policy_stale"
    DRIFT_ALARM = "drift_alarm"
    BREAKER_LIGHT_OPEN = "breaker_light_open"
    BREAKER_POWERFUL_OPEN = "breaker_powerful_open"
    BOTH_BREAKERS_OPEN = "both_breakers_open"
    FORCED = "forced"
    STICKY = "sticky"
    CAPABILITY = "capability"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class RoutingRequest:
    """One thing to route: for now a prompt.

    Args:
        prompt: the text a user would send, of any length; may be empty.
    """

    prompt: str

    def __post_init__(self) -> None:
        """Refuse a prompt that is not text."""
        if not isinstance(self.prompt, str):
            raise InvalidInputError(f"prompt: a str is needed, got {type(self.prompt).__name__}")


class Evidence(Protocol):
    """What a calibration says about a confidence (policy/conformal.py is the implementation)."""

    def uncertainty(self, confidence: float) -> float:
        """Conformal p-value of "light fails", in (0, 1]."""

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Approximate 90 % interval of light's success rate near this confidence."""

    def prediction_set(self, confidence: float, level: float) -> tuple[str, ...]:
        """The labels of {works, fails} that cannot be ruled out at this level."""


FIELDS: Final = (
    "decision_id",
    "use_lightweight",
    "model",
    "confidence",
    "uncertainty",
    "interval",
    "prediction_set",
    "probabilities",
    "score",
    "threshold",
    "reason",
    "policy_id",
    "bundle_hash",
    "n_tokens",
    "truncated",
    "inference_time_us",
)


class RoutingResponse:
    """A decision and the numbers behind it.

    `uncertainty`, `interval` and `prediction_set` are looked up on first access, so a caller who
    only needs the choice does not pay for them.

    Attributes:
        decision_id: names this decision in `record_outcome`.
        use_lightweight: True where the choice is not the powerful model.
        model: name of the chosen model.
        confidence: calibrated probability in [0, 1] that the light model answers well; None
            without a bundle, and so are the numbers below.
        probabilities: the same for every model, cheapest first.
        score: expected loss of choosing the cheapest model; higher needs more than it.
        threshold: the policy's bound on the score; None where a gate or no policy decided.
        reason: see `Reason`.
        policy_id: names the policy that decided, or None.
        bundle_hash: SHA-256 of the bundle, hexadecimal.
        n_tokens: tokens the model read (at most `max_tokens`).
        truncated: True where the prompt was longer than that.
        inference_time_us: microseconds from call to answer; None where the clock is too coarse.
    """

    __slots__ = (
        "_evidence",
        "_level",
        "bundle_hash",
        "confidence",
        "decision_id",
        "inference_time_us",
        "model",
        "n_tokens",
        "policy_id",
        "probabilities",
        "reason",
        "score",
        "threshold",
        "truncated",
        "use_lightweight",
    )

    def __init__(
        self,
        *,
        decision_id: str,
        use_lightweight: bool,
        model: str,
        reason: Reason,
        confidence: float | None = None,
        probabilities: Sequence[float] = (),
        score: float | None = None,
        threshold: float | None = None,
        policy_id: str | None = None,
        bundle_hash: str | None = None,
        n_tokens: int = 0,
        truncated: bool = False,
        evidence: Evidence | None = None,
        level: float = 0.90,
    ) -> None:
        """Hold what was decided; `inference_time_us` is set by the router when it is done."""
        self.decision_id = decision_id
        self.use_lightweight = use_lightweight
        self.model = model
        self.reason = reason
        self.confidence = confidence
        self.probabilities = probabilities
        self.score = score
        self.threshold = threshold
        self.policy_id = policy_id
        self.bundle_hash = bundle_hash
        self.n_tokens = n_tokens
        self.truncated = truncated
        self.inference_time_us: float | None = None
        self._evidence = evidence
        self._level = level

    @property
    def uncertainty(self) -> float | None:
        """Conformal p-value of "light fails", in (0, 1] (policy/conformal.py has the formula)."""
        if self._evidence is None or self.confidence is None:
            return None
        return self._evidence.uncertainty(self.confidence)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Approximate 90 % interval of light's success rate among similar calibration prompts."""
        if self._evidence is None or self.confidence is None:
            return None
        return self._evidence.interval(self.confidence)

    @property
    def prediction_set(self) -> tuple[str, ...]:
        """Those of "works" and "fails" that cannot be ruled out at the router's level."""
        if self._evidence is None or self.confidence is None:
            return ()
        return self._evidence.prediction_set(self.confidence, self._level)

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON-ready values, in a fixed order."""
        return {name: _plain(getattr(self, name)) for name in FIELDS}

    def __repr__(self) -> str:
        """The fields a person looks at first."""
        return (
            f"RoutingResponse(model={self.model!r}, reason={str(self.reason)!r}, "
            f"confidence={self.confidence}, score={self.score})"
        )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Reason) else value
