"""A decision on its way to the store: the response itself, until there is time for a record."""

from typing import Any, NamedTuple, Protocol

from ..records import DecisionRecord
from ..records.prompt_hash import prompt_hash


class Response(Protocol):
    """What a record needs of a `RoutingResponse`."""

    decision_id: str
    model: str
    use_lightweight: bool
    reason: Any
    confidence: float | None
    score: float | None
    threshold: float | None
    policy_id: str | None
    bundle_hash: str | None
    n_tokens: int
    inference_time_us: float | None

    @property
    def uncertainty(self) -> float | None:
        """Conformal p-value; looked up only when the record is made."""


class QueuedDecision(NamedTuple):
    """What a record is made of.

    Attributes:
        at: seconds since 1970.
        response: the router's answer.
        prompt: its keyed hash; its bytes while the key is not known; None where it is not kept.
        candidate_id: the best candidate.
        head_inputs: float16.
    """

    at: float
    response: Response
    prompt: str | bytes | None = None
    candidate_id: str | None = None
    head_inputs: bytes | None = None

    def make_record(self, key: bytes | None) -> DecisionRecord:
        """The record, under the store's key.

        Raises:
            InvalidInputError: the response holds what no store keeps.
        """
        response, prompt = self.response, self.prompt
        if isinstance(prompt, bytes):
            prompt = prompt_hash(key, prompt) if key else None
        return DecisionRecord(
            decision_id=response.decision_id,
            at=self.at,
            model=response.model,
            use_lightweight=response.use_lightweight,
            reason=str(response.reason),
            prompt_hash=prompt,
            candidate_id=self.candidate_id,
            confidence=response.confidence,
            uncertainty=response.uncertainty,
            score=response.score,
            threshold=response.threshold,
            policy_id=response.policy_id,
            bundle_hash=response.bundle_hash,
            head_inputs=self.head_inputs,
            n_tokens=response.n_tokens,
            inference_time_us=response.inference_time_us,
        )
