"""From a plan to the upstream that is asked, and the decision that is recorded.

Each turn is scored once, and the decision is recorded once, when it is known who served it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import perf_counter

from ...breaker.lease import Lease
from ...policy import Choice
from ...response import Reason, RoutingResponse
from ...router import Router
from ...score import Scored
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from ..upstream.forwarder import Forwarder
from .choice import Standing, Switch
from .conversation import Conversation
from .headers import build_decision_headers
from .model_name import RequestedModel
from .plan import Plan, make_plan
from .upstreams import Upstreams


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, not yet recorded.

    Attributes:
        scored: numbers of the last user turn.
        choice: the model, and why.
        decided_at: reading of `perf_counter`.
        upstream: who is asked first.
        lease: for that call, where it is a probe.
        others: who is asked where that fails, in order.
        owner: the caller's key; only it may report what became of the decision.
        would: what the policy would have chosen, where it only observes.
        switched: why the model is another than before, or than the turns chose.
        floor: index of the model that the session has come to; None where the client named one.
    """

    scored: Scored
    choice: Choice
    decided_at: float
    upstream: Upstream
    lease: Lease | None = None
    others: tuple[Upstream, ...] = ()
    owner: str | None = None
    would: Choice | None = None
    switched: Switch | None = None
    floor: int | None = None

    def record(self, router: Router, upstreams: Upstreams, served_by: Upstream) -> RoutingResponse:
        """The response, recorded for the model that served it: its share and its money."""
        model = self.choice.model
        if served_by is not self.upstream:
            model = upstreams.models[upstreams.serving.index(served_by)]
        self.scored.started_at += perf_counter() - self.decided_at  # the wait is not the decision's
        choice = Choice(model, self.choice.reason)
        return router.record(self.scored, choice, self.owner, self.would)

    def find_switch(self, served_by: Upstream) -> Switch | None:
        """Why another model served than before, or than was chosen; None where none did."""
        return self.switched if served_by is self.upstream else Switch.FALLBACK


async def pass_breakers(
    ask_breaker: Callable[[Upstream], Awaitable[tuple[bool, Lease | None]]],
    upstreams: Upstreams,
    plan: Plan,
) -> tuple[Plan | None, Lease | None]:
    """The plan from the first upstream on whose breaker lets a call through, and its lease.

    None where there is no such upstream.
    """
    for at, upstream in enumerate(plan.upstreams):
        passes, lease = await ask_breaker(upstream)
        if passes and not at:
            return plan, lease
        if passes:
            is_last = plan.choice.model == upstreams.models[-1]
            reason = Reason.BREAKER_POWERFUL_OPEN if is_last else Reason.BREAKER_LIGHT_OPEN
            model = upstreams.models[upstreams.serving.index(upstream)]
            passed = replace(
                plan,
                choice=Choice(model, reason),
                upstreams=plan.upstreams[at:],
                switched=Switch.BREAKER,
            )
            return passed, lease
    return None, None


async def decide_request(
    forwarder: Forwarder,
    upstreams: Upstreams,
    conversation: Conversation,
    model: RequestedModel,
    *,
    standing: Standing,
    owner: str,
) -> Decision:
    """Who answers.

    Args:
        forwarder: asks breakers; its router scores each turn.
        upstreams: who can be asked.
        conversation: what the request holds.
        model: what the client named.
        standing: what the session has come to.
        owner: the caller's key.

    Raises:
        ApiError: 400 where no upstream can do it, 503 where every breaker is open.
    """
    router = forwarder.router

    def score(text: str) -> Scored:
        return router.score(text, candidates=(), policy=model.policy)

    planned = make_plan(score, upstreams, conversation, model, standing)
    decided_at = perf_counter()
    plan, lease = await pass_breakers(forwarder.ask_breaker, upstreams, planned)
    if plan is None:
        is_bound = model.upstream is not None or conversation.pin is not None
        raise _refuse(forwarder, planned, owner, is_bound=is_bound)
    return Decision(
        plan.scored,
        plan.choice,
        decided_at,
        plan.upstreams[0],
        lease,
        plan.upstreams[1:],
        owner,
        plan.would,
        plan.switched,
        plan.floor,
    )


def _refuse(forwarder: Forwarder, plan: Plan, owner: str, *, is_bound: bool) -> ApiError:
    """The error where the breaker of each that may be asked is open; the decision is recorded."""
    error = forwarder.build_unavailable(plan.upstreams)
    choice = plan.choice if is_bound else Choice(plan.choice.model, Reason.BOTH_BREAKERS_OPEN)
    response = forwarder.router.record(plan.scored, choice, owner, plan.would)
    error.headers |= build_decision_headers(response, choice.model, would=plan.would)
    return error
