"""One decision, as a history keeps it. docs/history.md is the written schema of all records."""

from dataclasses import dataclass
from typing import Any

from ...checks import check_blob, check_count, check_flag, check_name, check_number


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision. The prompt itself is never kept.

    Attributes:
        decision_id: as in the response.
        at: when it was made, in seconds since 1970.
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
        owner: who asked, where only they may report its outcome; None lets anybody.
        would: the model that the policy would have chosen, where a gateway only observed.
        would_reason: why; see `Reason`.
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
    owner: str | None = None
    would: str | None = None
    would_reason: str | None = None

    def __post_init__(self) -> None:
        """Check every field."""
        for name in ("decision_id", "model", "reason"):
            check_name(name, getattr(self, name))
        check_number("at", self.at)
        check_flag("use_lightweight", self.use_lightweight)
        for name in ("would", "would_reason"):
            if (value := getattr(self, name)) is not None:
                check_name(name, value)
        for name in ("threshold", "inference_time_us"):
            if (value := getattr(self, name)) is not None:
                check_number(name, value)
        if self.n_tokens is not None:
            check_count("n_tokens", self.n_tokens)
        check_evidence(self)


def check_evidence(record: Any) -> None:
    """Check the fields that a decision and its outcome share.

    Raises:
        InvalidInputError: one of them is malformed.
    """
    for name in ("prompt_hash", "candidate_id", "policy_id", "bundle_hash", "owner"):
        if (value := getattr(record, name)) is not None:
            check_name(name, value)
    for name, low in (("confidence", 0.0), ("uncertainty", 0.0), ("score", -2.0)):
        if (value := getattr(record, name, None)) is not None:
            check_number(name, value, low, 1.0 if low == 0.0 else 2.0)
    check_number("propensity", record.propensity, 1e-12, 1.0)
    check_flag("explored", record.explored)
    if record.head_inputs is not None:
        check_blob("head_inputs", record.head_inputs)
