"""From what is asked to the upstream that answers, and the decision that is recorded.

The choice is a pure function of the user turns; breakers and the map of conversations come after.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...breaker.lease import Lease
from ...policy import Choice, decide
from ...policy.preference import prefer
from ...response import Reason, RoutingResponse
from ...router import Router
from ...score import Scored
from ..http.api_error import ApiError
from ..http.decision_headers import decision_headers
from ..upstream.upstream import Upstream
from .conversation import Asked
from .fleet import Fleet, is_able, is_long
from .model_name import AskedModel

UNKNOWN_WAIT_S: Final = 60.0
"""What a client is told where a breaker is held open by hand."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided.

    Attributes:
        response: the router's, as it is recorded.
        upstream: who is asked first.
        lease: for that call, where it is a probe.
        others: who is asked where that fails, in order.
    """

    response: RoutingResponse
    upstream: Upstream
    lease: Lease | None = None
    others: tuple[Upstream, ...] = ()


def choose(scored: Sequence[Scored], fleet: Fleet, raised: Callable[[int], int] | None) -> Choice:
    """The choice that the user turns make.

    Args:
        scored: the turns whose choices count; the last one is the request's.
        fleet: the upstreams.
        raised: from the index of the dearest model that a turn chose to the one the conversation
            has come to; None where conversations do not count.
    """
    choices = [decide(one, one.rule) for one in scored]
    if raised is None:
        return choices[-1]
    last = len(fleet.models) - 1
    dearest = max(fleet.models.index(choice.model) for choice in choices)
    floor = min(last, raised(dearest))
    if fleet.models.index(choices[-1].model) >= floor:
        return choices[-1]
    return Choice(fleet.models[floor], Reason.STICKY)


def by_capability(choice: Choice, fleet: Fleet, asked: Asked) -> Choice:
    """The choice, or the next best model that can do what is asked.

    Raises:
        ApiError: 400 where none can. For length alone the longest context is taken instead.
    """
    chosen = fleet.models.index(choice.model)
    order = list(prefer(chosen, len(fleet.serving)))
    able = [model for model in order if is_able(fleet.serving[model], asked)]
    if not able:
        what = "images" if asked.vision else "tools"
        raise ApiError(400, f"No configured upstream takes {what}.", code="no_capable_upstream")
    fitting = [model for model in able if not is_long(fleet.serving[model], asked)]
    model = fitting[0] if fitting else max(able, key=lambda m: fleet.serving[m].context or 0)
    return choice if model == chosen else Choice(fleet.models[model], Reason.CAPABILITY)


async def admitted(router: Router, upstream: Upstream) -> tuple[bool, Lease | None]:
    """Whether its breaker lets a call through, and the lease where the call is a probe."""
    if router.circuit_breaker_status(upstream.breaker) is not False:
        return True, None
    lease = await router.lease(upstream.breaker)
    return lease is not None, lease


async def by_breakers(
    router: Router, fleet: Fleet, asked: Asked, choice: Choice
) -> tuple[Choice, Lease | None]:
    """The choice, or the next best able model whose breaker lets a call through."""
    chosen, last = fleet.models.index(choice.model), len(fleet.models) - 1
    open_ = Reason.BREAKER_POWERFUL_OPEN if chosen == last else Reason.BREAKER_LIGHT_OPEN
    for model in prefer(chosen, last + 1):
        if is_able(fleet.serving[model], asked):
            passes, lease = await admitted(router, fleet.serving[model])
            if passes:
                return choice if model == chosen else Choice(fleet.models[model], open_), lease
    return Choice(choice.model, Reason.BOTH_BREAKERS_OPEN), None


async def decide_request(
    router: Router,
    fleet: Fleet,
    asked: Asked,
    model: AskedModel,
    *,
    sticky: bool,
    raised: Callable[[int], int],
    owner: str,
) -> Decision:
    """Who answers.

    Args:
        router: decides on each turn, and records the decision.
        fleet: the upstreams.
        asked: what is asked.
        model: what the client named.
        sticky: True where a conversation only goes on to dearer models.
        raised: from the index of a model to the one the conversation has come to.
        owner: the caller's key; only it may report what became of the decision.

    Raises:
        ApiError: 400 where no upstream can do it, 503 where every breaker is open.
    """

    def score(text: str) -> Scored:
        return router.score(text, candidates=(), policy=model.policy)

    if model.upstream is not None:
        upstream = model.upstream
        if not is_able(upstream, asked):
            what = "images" if asked.vision and not upstream.vision else "tools"
            raise ApiError(400, f"Upstream {upstream.name} takes no {what}.", param="model")
        is_serving = upstream in fleet.serving
        name = fleet.models[fleet.serving.index(upstream)] if is_serving else upstream.name
        response = router.record(score(asked.texts[-1]), Choice(name, Reason.FORCED), owner=owner)
        passes, lease = await admitted(router, upstream)
        if not passes:
            raise unavailable(router, (upstream,), decision_headers(response))
        return Decision(response, upstream, lease)
    scored = [score(text) for text in (asked.texts if sticky else asked.texts[-1:])]
    choice = choose(scored, fleet, raised if sticky else None)
    choice = by_capability(choice, fleet, asked)
    choice, lease = await by_breakers(router, fleet, asked, choice)
    response = router.record(scored[-1], choice, owner=owner)
    chosen = fleet.models.index(choice.model)
    able = [
        fleet.serving[m]
        for m in prefer(chosen, len(fleet.models))
        if is_able(fleet.serving[m], asked)
    ]
    if choice.reason is Reason.BOTH_BREAKERS_OPEN:
        raise unavailable(router, able, decision_headers(response))
    others = tuple(one for one in able if one is not fleet.serving[chosen])
    return Decision(response, fleet.serving[chosen], lease, others)


def unavailable(
    router: Router, upstreams: Sequence[Upstream], headers: Mapping[str, str] | None = None
) -> ApiError:
    """The error that says when to come back."""
    wait = router.retry_after_s(*(one.breaker for one in upstreams))
    return ApiError(
        503,
        "No upstream is available: the circuit breaker of each that could answer is open.",
        code="breakers_open",
        retry_after_s=UNKNOWN_WAIT_S if wait is None else wait,
        headers=headers,
    )
