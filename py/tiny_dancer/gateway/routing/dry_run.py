"""What would become of a request, and why: nobody is asked, and nothing is kept."""

from dataclasses import dataclass
from typing import Any

from ...breaker.lease import Lease
from ...policy import LIGHT, POWERFUL, Choice
from ...response import Reason
from ...router import Router
from ...score import Scored
from ..config.upstream import Upstream
from .choice import Standing
from .conversation import Conversation
from .decision import pass_breakers
from .model_name import RequestedModel
from .plan import make_plan
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
    standing: Standing,
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

    plan = make_plan(score, upstreams, conversation, model, standing)
    choice, upstream = plan.choice, plan.upstreams[0]
    if model.upstream is None:
        passed, _ = await pass_breakers(ask_breaker, upstreams, plan)
        if passed is None:
            choice = Choice(choice.model, Reason.BOTH_BREAKERS_OPEN)
        else:
            choice, upstream = passed.choice, passed.upstreams[0]
    return DryRun(conversation, plan.scored, choice, upstream, plan.would, upstreams)
