"""What became of a decision: as a caller reports it, and as a history keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...checks import (
    HUGE,
    MAX_COUNT,
    MAX_MODELS,
    check_count,
    check_flag,
    check_name,
    check_number,
    check_scores,
    shown,
)
from ...errors import InvalidInputError
from ...policy.preference import LIGHT, POWERFUL
from .decision import check_evidence

MAX_TOKENS: Final = 1_000_000_000
MAX_MONEY: Final = 1e9
MAX_MS: Final = 1e13
"""What one call is believed to take at most; of time only what a clock set right may add.

A record may hold more: earlier versions took it.
"""

MONEY: Final = ("cost", "cost_powerful", "shadow_cost", "judge_cost", "cost_asked")
"""Fields that hold an amount."""

MAX_KEPT_SCORES: Final = 10_000
"""The same for the models of a record."""


PEOPLE: Final = "people"
UNGRADED: Final = "ungraded"
"""Sources of a mark (`graded_by`), beside the names of checks and judges: whoever reported it, and
nobody: both answers were asked for, and could not be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a decision, as a caller reports it.

    A later one for the same decision adds to the first: what it leaves out stays.

    Attributes:
        decision_id: the decision's.
        at: when it was reported, in seconds since 1970.
        scores: quality in [0, 1] by model; at least 0.5 means "answers well". Any may be missing.
        cost_powerful: what the powerful model would have cost; the difference is money saved.
        cost_asked: the same of the model that the client asked for.
        owner: whose report it is; a decision of another owner is not known to them. None is
            whoever runs this, and knows all. Numbers of an owner replace none that is known.

    The others are as in `OutcomeFields`, None where they are not known.
    """

    decision_id: str
    at: float
    scores: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None
    cost_powerful: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    latency_ms: float | None = None
    shadow_cost: float | None = None
    judge_cost: float | None = None
    graded_by: str | None = None
    owner: str | None = None
    cost_asked: float | None = None

    def __post_init__(self) -> None:
        """Check every field."""
        self._check(MAX_MODELS, MAX_MONEY, MAX_MS, MAX_TOKENS)

    def _check(self, models: int, money: float, ms: float, tokens: int) -> None:
        check_name("decision_id", self.decision_id)
        check_number("at", self.at)
        check_scores("scores", self.scores, models)
        object.__setattr__(self, "scores", dict(self.scores))
        amounts = dict.fromkeys(MONEY, money)
        for name, high in (*amounts.items(), ("latency_ms", ms)):
            if (value := getattr(self, name)) is not None:
                check_number(name, value, 0.0, high)
        for name in ("tokens_in", "tokens_out"):
            if (value := getattr(self, name)) is not None:
                check_count(name, value, tokens)
        for name in ("graded_by", "owner"):
            if (value := getattr(self, name)) is not None:
                check_name(name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecord(Outcome):
    """An outcome with what calibration and re-fitting need from its decision (same names there)."""

    model: str
    use_lightweight: bool
    prompt_hash: str | None = None
    candidate_id: str | None = None
    confidence: float | None = None
    score: float | None = None
    policy_id: str | None = None
    bundle_hash: str | None = None
    propensity: float = 1.0
    explored: bool = False
    head_inputs: bytes | None = None

    def __post_init__(self) -> None:
        """Check every field."""
        self._check(MAX_KEPT_SCORES, HUGE, HUGE, MAX_COUNT)
        check_name("model", self.model)
        check_flag("use_lightweight", self.use_lightweight)
        check_evidence(self)


REPORTED: Final = (
    "cost",
    "cost_powerful",
    "tokens_in",
    "tokens_out",
    "latency_ms",
    "shadow_cost",
    "judge_cost",
    "graded_by",
    "cost_asked",
)
"""What a later outcome of the same decision replaces where it says it; its scores are merged."""

COPIED: Final = (
    "model",
    "use_lightweight",
    "prompt_hash",
    "candidate_id",
    "confidence",
    "score",
    "policy_id",
    "bundle_hash",
    "propensity",
    "explored",
    "head_inputs",
    "owner",
)
"""What an outcome takes over from its decision."""


def merge_scores(scores: object, light: float | None, powerful: float | None) -> dict[str, Any]:
    """Scores by name, those of `light` and `powerful` among them where they are given.

    Raises:
        InvalidInputError: `scores` is no mapping.
    """
    if scores is not None and not isinstance(scores, Mapping):
        needed = "a mapping of models' names to qualities in [0, 1]"
        raise InvalidInputError(f"scores: {needed} is needed, got {shown(scores)}")
    ends = {LIGHT: light, POWERFUL: powerful}
    return {**(scores or {}), **{name: score for name, score in ends.items() if score is not None}}
