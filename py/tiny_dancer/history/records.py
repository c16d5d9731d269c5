"""What a history holds. docs/history.md is the written schema; times are seconds since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ..candidates.candidate import Candidate
from ..checks import (
    check_blob,
    check_count,
    check_flag,
    check_name,
    check_number,
    check_scores,
    check_text,
)

MAX_STATE_CHARS: Final = 1 << 20
"""Bound of a state's or an event's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision, as it is kept. The prompt itself never is.

    Attributes:
        decision_id: as in the response.
        at: when it was made.
        model: the chosen one.
        use_lightweight: True where that is not the powerful one.
        reason: see `Reason`.
        prompt_hash: keyed hash of the prompt (`prompt_hash`), the same for equal prompts of one
            store.
        candidate_id: the chosen candidate, if there were any.
        confidence: probability in [0, 1] that light answers well.
        uncertainty: conformal p-value in [0, 1].
        score: the routing score.
        threshold: the bound it was compared with.
        policy_id: the policy that decided.
        bundle_hash: the bundle that scored.
        propensity: probability with which this choice was made, in (0, 1]; 1 without exploration.
        explored: True where the choice was drawn and not decided.
        head_inputs: inputs of the heads, float16 little-endian, for re-fitting.
        n_tokens: tokens the bundle read.
        inference_time_us: microseconds; None where the clock could not tell.
    """

    decision_id: str
    at: float
    model: str
    use_lightweight: bool
    reason: str
    prompt_hash: str | None = None
    candidate_id: str | None = None
    confidence: float | None = None
    uncertainty: float | None = None
    score: float | None = None
    threshold: float | None = None
    policy_id: str | None = None
    bundle_hash: str | None = None
    propensity: float = 1.0
    explored: bool = False
    head_inputs: bytes | None = None
    n_tokens: int | None = None
    inference_time_us: float | None = None

    def __post_init__(self) -> None:
        """Check every field."""
        for name in ("decision_id", "model", "reason"):
            check_name(name, getattr(self, name))
        check_number("at", self.at)
        check_flag("use_lightweight", self.use_lightweight)
        for name in ("threshold", "inference_time_us"):
            if (value := getattr(self, name)) is not None:
                check_number(name, value)
        if self.n_tokens is not None:
            check_count("n_tokens", self.n_tokens)
        _check_evidence(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a decision, as a caller reports it.

    A later one for the same decision adds to the first: what it leaves out stays.

    Attributes:
        decision_id: the decision's.
        at: when it was reported.
        scores: quality in [0, 1] by model; at least 0.5 means "answers well". Any may be missing.
        cost: what the call cost.
        cost_powerful: what the powerful model would have cost; the difference is money saved.
        tokens_in: tokens of the prompt, as the upstream counts them.
        tokens_out: tokens of the answer.
        latency_ms: how long the call took.
    """

    decision_id: str
    at: float
    scores: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None
    cost_powerful: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    latency_ms: float | None = None

    def __post_init__(self) -> None:
        """Check every field."""
        check_name("decision_id", self.decision_id)
        check_number("at", self.at)
        check_scores("scores", self.scores)
        object.__setattr__(self, "scores", dict(self.scores))
        for name in ("cost", "cost_powerful", "latency_ms"):
            if (value := getattr(self, name)) is not None:
                check_number(name, value, 0.0)
        for name in ("tokens_in", "tokens_out"):
            if (value := getattr(self, name)) is not None:
                check_count(name, value)


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
        Outcome.__post_init__(self)
        check_name("model", self.model)
        check_flag("use_lightweight", self.use_lightweight)
        _check_evidence(self)


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
)
"""What an outcome takes over from its decision."""


def _check_evidence(record: DecisionRecord | OutcomeRecord) -> None:
    for name in ("prompt_hash", "candidate_id", "policy_id", "bundle_hash"):
        if (value := getattr(record, name)) is not None:
            check_name(name, value)
    for name, low in (("confidence", 0.0), ("uncertainty", 0.0), ("score", -2.0)):
        if (value := getattr(record, name, None)) is not None:
            check_number(name, value, low, 1.0 if low == 0.0 else 2.0)
    check_number("propensity", record.propensity, 1e-12, 1.0)
    check_flag("explored", record.explored)
    if record.head_inputs is not None:
        check_blob("head_inputs", record.head_inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRecord:
    """A shared state: a breaker's, the policy of a bundle, a drift monitor's.

    Attributes:
        kind: `breaker`, `policy` or `drift`.
        name: the model's, or the bundle's hash.
        version: 1 for the first; each swap adds one.
        text: JSON, at most `MAX_STATE_CHARS` characters.
    """

    kind: str
    name: str
    version: int
    text: str

    def __post_init__(self) -> None:
        """Check every field."""
        _check_state(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """What happened in one swap of a state, such as a breaker's change of mode.

    Attributes:
        kind: the state's.
        name: the state's.
        version: of the state after the swap.
        n: 0 for the first event of that swap.
        at: when.
        text: JSON.
    """

    kind: str
    name: str
    version: int
    n: int
    at: float
    text: str

    def __post_init__(self) -> None:
        """Check every field."""
        _check_state(self)
        check_count("n", self.n)
        check_number("at", self.at)


def _check_state(record: StateRecord | EventRecord) -> None:
    check_name("kind", record.kind)
    check_name("name", record.name)
    check_count("version", record.version)
    check_text("text", record.text, MAX_STATE_CHARS)


Record: TypeAlias = Candidate | DecisionRecord | OutcomeRecord | StateRecord | EventRecord
