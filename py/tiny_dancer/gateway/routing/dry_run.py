"""What would become of a request, and why: nobody is asked, and nothing is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...breaker.lease import Lease
from ...policy import LIGHT, POWERFUL, Choice
from ...router import Router
from ...score import Scored
from ..config.upstream import Upstream
from .conversation import Conversation
from .decision import choose_by_breakers, choose_by_mode, choose_by_name, choose_by_turns
from .model_name import RequestedModel
from .upstreams import Upstreams


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would become of a request.

    Attributes:
        conversation: what it holds.
        scored: numbers of its last user turn.
        choice: the model, and why.
        upstream: who would be asked first.
        would: what the policy would have chosen, where it only observes.
        upstreams: all of them.
    """

    conversation: Conversation
    scored: Scored
    choice: Choice
    upstream: Upstream
    would: Choice | None
    upstreams: Upstreams

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; `cost` is None where a price is not known.

        The cost is an estimate: a token for every three bytes of the prompt, and as many tokens of
        answer as the request allows. Where it sets no limit, the answer is not in it.
        """
        tokens_out = self.conversation.answer_tokens
        tokens_in = self.conversation.tokens - tokens_out
        ends = {LIGHT: self.upstreams.serving[0], POWERFUL: self.upstreams.serving[-1]}
        return {
            "model": self.choice.model,
            "upstream": self.upstream.name,
            "reason": str(self.choice.reason),
            "would": self.would.model if self.would is not None else None,
            "score": self.scored.score,
            "threshold": self.scored.threshold,
            "confidence": self.scored.confidence,
            "uncertainty": self.scored.uncertainty,
            "capability": sorted(self.conversation.needs),
            "tokens": {"in": tokens_in, "out": tokens_out},
            "cost": {
                name: one.price.cost(tokens_in, tokens_out) if one.price is not None else None
                for name, one in ends.items()
            },
        }


async def run_dry(
    router: Router,
    upstreams: Upstreams,
    conversation: Conversation,
    model: RequestedModel,
    find_floor: Callable[[int], int] | None,
) -> DryRun:
    """What would become of a request; arguments as of `decide_request`.

    A breaker that is half-open counts as open, since no probe is leased.

    Raises:
        ApiError: 400 where no upstream can do it.
    """

    def score(text: str) -> Scored:
        return router.score(text, candidates=(), policy=model.policy)

    async def ask_breaker(upstream: Upstream) -> tuple[bool, Lease | None]:
        return router.circuit_breaker_status(upstream.breaker) is not False, None

    if model.upstream is not None:
        scored, upstream = score(conversation.texts[-1]), model.upstream
        choice = choose_by_name(upstreams, conversation, upstream)
        return DryRun(conversation, scored, choice, upstream, None, upstreams)
    texts = conversation.texts if find_floor is not None else conversation.texts[-1:]
    turns = [score(text) for text in texts]
    choice = choose_by_turns(turns, upstreams, find_floor)
    choice, would = choose_by_mode(choice, upstreams, conversation, model.mode)
    choice, _ = await choose_by_breakers(ask_breaker, upstreams, conversation, choice)
    upstream = upstreams.serving[upstreams.models.index(choice.model)]
    return DryRun(conversation, turns[-1], choice, upstream, would, upstreams)
