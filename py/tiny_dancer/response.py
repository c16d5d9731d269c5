"""What comes out of a decision."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, Protocol

from .reason import Reason as Reason


class Features(NamedTuple):
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


class RoutingDecision(NamedTuple):
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


class TextNumbers(Protocol):
    """What is decided on in a text.

    Attributes:
        n_seen: its tokens.
        surprisal: summed over them, in 1/8 bit.
        scores: expected loss of choosing each model, cheapest first.
    """

    @property
    def n_seen(self) -> int: ...  # noqa: D102

    @property
    def surprisal(self) -> int: ...  # noqa: D102

    @property
    def scores(self) -> Sequence[float]: ...  # noqa: D102


class Numbers(Protocol):
    """The numbers of a request: what a decision is made by, and what its response shows.

    Attributes:
        models: names, cheapest first.
        text_score: of a request with a text.

    `RoutingResponse` describes the others.
    """

    @property
    def models(self) -> Sequence[str]: ...  # noqa: D102

    @property
    def text_score(self) -> TextNumbers | None: ...  # noqa: D102

    @property
    def confidence(self) -> float | None: ...  # noqa: D102

    @property
    def uncertainty(self) -> float | None: ...  # noqa: D102

    @property
    def interval(self) -> tuple[float, float] | None: ...  # noqa: D102

    @property
    def prediction_set(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def probabilities(self) -> Sequence[float]: ...  # noqa: D102

    @property
    def score(self) -> float | None: ...  # noqa: D102

    @property
    def threshold(self) -> float | None: ...  # noqa: D102

    @property
    def policy_id(self) -> str | None: ...  # noqa: D102

    @property
    def bundle_hash(self) -> str | None: ...  # noqa: D102

    @property
    def n_tokens(self) -> int: ...  # noqa: D102

    @property
    def truncated(self) -> bool: ...  # noqa: D102

    @property
    def candidates_processed(self) -> int: ...  # noqa: D102

    @property
    def decisions(self) -> tuple[RoutingDecision, ...]: ...  # noqa: D102


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


NUMBERS: Final = tuple(name for name in vars(Numbers) if not name.startswith("_"))
"""Names of all of them."""


class RoutingResponse:
    """A decision and the numbers behind it.

    What is not needed for the choice is computed on access, so a caller who only needs the choice
    does not pay for the rest.

    Attributes:
        decision_id: names this decision in `record_outcome`.
        model: name of the chosen model.
        reason: see `Reason`.
        retry_after_s: seconds until a model may be tried again, where no breaker is closed.
        inference_time_us: microseconds from call to answer; None where the clock is too coarse.
    """

    __slots__ = (
        "_decisions",
        "_numbers",
        "decision_id",
        "inference_time_us",
        "model",
        "reason",
        "retry_after_s",
    )

    def __init__(
        self,
        decision_id: str,
        model: str,
        reason: Reason,
        numbers: Numbers,
        inference_time_us: float | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.decision_id = decision_id
        self.model = model
        self.reason = reason
        self.inference_time_us = inference_time_us
        self.retry_after_s = retry_after_s
        self._numbers = numbers
        self._decisions: tuple[RoutingDecision, ...] | None = None

    @property
    def use_lightweight(self) -> bool:
        """True where the choice is not the powerful model."""
        return self.model != self._numbers.models[-1]

    @property
    def confidence(self) -> float | None:
        """Calibrated probability in [0, 1] that the light model answers well, within `interval`.

        Of a request without text, that the best candidate serves it well. None where there is
        nothing to be confident about: no bundle, an empty prompt, no candidate.
        """
        return self._numbers.confidence

    @property
    def uncertainty(self) -> float | None:
        """P-value of "light fails", in (0, 1] (formula: calibration/conformal.py); or None."""
        return self._numbers.uncertainty

    @property
    def interval(self) -> tuple[float, float] | None:
        """Approximate 90 % interval of light's success rate among similar calibration prompts."""
        return self._numbers.interval

    @property
    def prediction_set(self) -> tuple[str, ...]:
        """Those of "works" and "fails" that cannot be ruled out at the router's level."""
        return self._numbers.prediction_set

    @property
    def probabilities(self) -> Sequence[float]:
        """By model, cheapest first, what its head says: the probability that it answers well."""
        return self._numbers.probabilities

    @property
    def score(self) -> float | None:
        """Expected loss of choosing the cheapest model; higher needs more than it."""
        return self._numbers.score

    @property
    def threshold(self) -> float | None:
        """The policy's bound on the score; None where a gate or no policy decided."""
        return self._numbers.threshold

    @property
    def policy_id(self) -> str | None:
        """Names the policy that decided; None where a gate or no policy did."""
        return self._numbers.policy_id

    @property
    def bundle_hash(self) -> str | None:
        """SHA-256 of the bundle, hexadecimal; None without one."""
        return self._numbers.bundle_hash

    @property
    def n_tokens(self) -> int:
        """Tokens the model read (at most `max_tokens`)."""
        return self._numbers.n_tokens

    @property
    def truncated(self) -> bool:
        """True where the prompt was longer than that."""
        return self._numbers.truncated

    @property
    def candidates_processed(self) -> int:
        """Candidates that were scored."""
        return self._numbers.candidates_processed

    @property
    def decisions(self) -> tuple[RoutingDecision, ...]:
        """The best candidates, best first; made once."""
        if self._decisions is None:
            self._decisions = self._numbers.decisions
        return self._decisions

    def to_dict(self) -> dict[str, Any]:
        """Every field as JSON-ready values, in a fixed order."""
        return {name: _to_plain(getattr(self, name)) for name in FIELDS}

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles hold the numbers themselves, and nothing of the router."""
        numbers = SimpleNamespace(**{name: getattr(self._numbers, name) for name in NUMBERS})
        values = self.decision_id, self.model, self.reason, numbers
        return RoutingResponse, (*values, self.inference_time_us, self.retry_after_s)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RoutingResponse) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.decision_id)

    def __repr__(self) -> str:
        """The fields a person looks at first."""
        return (
            f"RoutingResponse(model={self.model!r}, reason={str(self.reason)!r}, "
            f"confidence={self.confidence}, score={self.score})"
        )


def _to_plain(value: Any) -> Any:
    if isinstance(value, RoutingDecision | Features):
        return {name: _to_plain(v) for name, v in value._asdict().items()}
    if isinstance(value, tuple):
        return [_to_plain(v) for v in value]
    return str(value) if isinstance(value, Reason) else value
