"""A decision on its way to the store: the response itself, until there is time for a record."""

from typing import NamedTuple, TypeAlias

from ...response import RoutingResponse
from ..records import DecisionRecord
from ..records.prompt_hash import prompt_hash

Would: TypeAlias = tuple[str, str] | None
"""Model and reason of what a policy would have chosen."""


class QueuedDecision(NamedTuple):
    """What a record is made of.

    Attributes:
        at: seconds since 1970.
        response: the router's answer.
        prompt: its keyed hash; its bytes while the key is not known; None where it is not kept.
        candidate_id: the best candidate.
        head_inputs: float16.
        owner: who asked.
        would: what the policy would have chosen, where it did not choose.
    """

    at: float
    response: RoutingResponse
    prompt: str | bytes | None = None
    candidate_id: str | None = None
    head_inputs: bytes | None = None
    owner: str | None = None
    would: Would = None

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
            owner=self.owner,
            would=self.would and self.would[0],
            would_reason=self.would and str(self.would[1]),
        )
