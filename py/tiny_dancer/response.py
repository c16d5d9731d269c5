"""What goes into a decision and what comes out of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from .errors import InvalidInputError

if TYPE_CHECKING:
    from .candidates.candidate import Candidate
    from .candidates.packed_candidates import PackedCandidates

MAX_K: Final = 64
"""Candidates that a response holds at most."""


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
    """One thing to route: a prompt, a query vector, or both.

    Args:
        prompt: the text a user would send, of any length; may be empty.
        query_embedding: numbers to compare with the candidates' vectors.
        candidates: what could serve it; None for the router's resident candidates.
        metadata: key=value pairs, compared with those of the candidates.
        top_k: how many candidates to return, 1 to 64; None for all, at most 64.

    Raises:
        InvalidInputError: a field has the wrong type or range.
    """

    prompt: str | None = None
    query_embedding: Any = None
    candidates: "Sequence[Candidate] | PackedCandidates | None" = None
    metadata: Mapping[str, str] | None = None
    top_k: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is malformed; the vector is checked when it is compared."""
        if self.prompt is None and self.query_embedding is None:
            raise InvalidInputError("prompt: a prompt or a query_embedding is needed")
        if self.prompt is not None and not isinstance(self.prompt, str):
            raise InvalidInputError(f"prompt: a str is needed, got {type(self.prompt).__name__}")
        check_options(self.top_k, self.metadata)


def check_options(top_k: object, metadata: object) -> None:
    """Refuse a malformed number of candidates or malformed key=value pairs.

    Raises:
        InvalidInputError: names the one.
    """
    if top_k is not None and (type(top_k) is not int or not 1 <= top_k <= MAX_K):
        raise InvalidInputError(f"top_k: an int from 1 to {MAX_K} is needed, got {top_k!r}")
    if metadata is not None and not is_metadata(metadata):
        raise InvalidInputError("metadata: a mapping of names to texts is needed")


def is_metadata(value: object) -> bool:
    """True for a mapping of str to str."""
    if type(value) is not dict and not isinstance(value, Mapping):
        return False
    for key, text in value.items():
        if not isinstance(key, str) or not isinstance(text, str):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Features:
    """What a candidate was scored by, each in [0, 1].

    Attributes:
        similarity: (1 + cosine) / 2 of query and candidate.
        recency: 2^(-age / half-life).
        frequency: log(1 + access_count) / log(1 + cap).
        success_rate: as registered.
        metadata_overlap: shared key=value pairs over all pairs of the request.
    """

    similarity: float
    recency: float
    frequency: float
    success_rate: float
    metadata_overlap: float


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """One candidate of a response.

    Attributes:
        candidate_id: its name.
        confidence: calibrated probability that it serves the query well, in [0, 1].
        use_lightweight: True where that is enough by the router's threshold.
        uncertainty: conformal p-value of "it does not", in (0, 1].
        interval: approximate 90 % interval of the success rate near this confidence, or None.
        score: expected loss of choosing it, 1 - confidence.
        rank: 0 for the best.
        features: what it was scored by.
    """

    candidate_id: str
    confidence: float
    use_lightweight: bool
    uncertainty: float
    interval: tuple[float, float] | None
    score: float
    rank: int
    features: Features


class Evidence(Protocol):
    """What calibration rows say of a confidence (calibration/conformal.py implements it)."""

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
    "decisions",
    "candidates_processed",
    "retry_after_s",
    "inference_time_us",
)


class RoutingResponse:
    """A decision and the numbers behind it.

    `uncertainty`, `interval`, `prediction_set` and `decisions` are computed on access, so a caller
    who only needs the choice does not pay for them.

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
        candidates_processed: candidates that were scored.
        retry_after_s: seconds until a model may be tried again, where no breaker is closed.
        inference_time_us: microseconds from call to answer; None where the clock is too coarse.
    """

    __slots__ = (
        "_decisions",
        "_evidence",
        "_level",
        "bundle_hash",
        "candidates_processed",
        "confidence",
        "decision_id",
        "inference_time_us",
        "model",
        "n_tokens",
        "policy_id",
        "probabilities",
        "reason",
        "retry_after_s",
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
        self.candidates_processed = 0
        self.retry_after_s: float | None = None
        self._decisions: (
            Callable[[], tuple[RoutingDecision, ...]] | tuple[RoutingDecision, ...]
        ) = ()

    @property
    def uncertainty(self) -> float | None:
        """P-value of "light fails", in (0, 1] (formula: calibration/conformal.py)."""
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

    def with_candidates(
        self, decisions: Callable[[], tuple[RoutingDecision, ...]], processed: int
    ) -> None:
        """Attach the candidates that were scored; `decisions` is called on first access."""
        self._decisions = decisions
        self.candidates_processed = processed

    @property
    def decisions(self) -> tuple[RoutingDecision, ...]:
        """The best candidates, best first."""
        if not isinstance(self._decisions, tuple):
            self._decisions = self._decisions()
        return self._decisions

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
        return [_plain(asdict(v) if isinstance(v, RoutingDecision) else v) for v in value]
    if isinstance(value, dict):
        return {name: _plain(v) for name, v in value.items()}
    return str(value) if isinstance(value, Reason) else value
