"""From what is asked to the upstream that answers, and the decision that is recorded.

The choice is a pure function of the user turns; breakers and the map of conversations come after.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...breaker.lease import Lease
from ...response import Reason, RoutingResponse
from ...router import Router
from ..http.api_error import ApiError
from ..http.decision_headers import decision_headers
from ..upstream.upstream import Upstream
from .conversation import Asked
from .fleet import Fleet, is_able, is_long, preference
from .model_name import AskedModel

UNKNOWN_WAIT_S: Final = 60.0
"""What a client is told where a breaker is held open by hand."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Index of a model, and why."""

    model: int
    reason: Reason


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


def by_turns(router: Router, fleet: Fleet, asked: Asked, model: AskedModel, sticky: bool) -> Choice:
    """The choice that the user turns make: with `sticky` the dearest that any of them made."""
    texts = asked.texts if sticky else asked.texts[-1:]
    choices = []
    for text in texts:
        response = router.route(text, candidates=(), policy=model.policy, record=False)
        choices.append(Choice(fleet.models.index(response.model), response.reason))
    return at_least(choices[-1], max(choice.model for choice in choices))


def at_least(choice: Choice, floor: int) -> Choice:
    """The choice, or the floor where it is dearer."""
    return choice if choice.model >= floor else Choice(floor, Reason.STICKY)


def by_capability(choice: Choice, fleet: Fleet, asked: Asked) -> Choice:
    """The choice, or the next best model that can do what is asked.

    Raises:
        ApiError: 400 where none can. For length alone the longest context is taken instead.
    """
    order = list(preference(choice.model, len(fleet.serving)))
    able = [model for model in order if is_able(fleet.serving[model], asked)]
    if not able:
        what = "images" if asked.vision else "tools"
        raise ApiError(400, f"No configured upstream takes {what}.", code="no_capable_upstream")
    fitting = [model for model in able if not is_long(fleet.serving[model], asked)]
    model = fitting[0] if fitting else max(able, key=lambda m: fleet.serving[m].context or 0)
    return choice if model == choice.model else Choice(model, Reason.CAPABILITY)


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
    last = len(fleet.models) - 1
    open_ = Reason.BREAKER_POWERFUL_OPEN if choice.model == last else Reason.BREAKER_LIGHT_OPEN
    for model in preference(choice.model, last + 1):
        if is_able(fleet.serving[model], asked):
            passes, lease = await admitted(router, fleet.serving[model])
            if passes:
                return Choice(model, choice.reason if model == choice.model else open_), lease
    return Choice(choice.model, Reason.BOTH_BREAKERS_OPEN), None


def recorded(
    router: Router, text: str, model: AskedModel, name: str, choice: Choice, last: int
) -> RoutingResponse:
    """The response to the last user turn, with this choice, recorded.

    Args:
        router: records it.
        text: the turn, as it is scored.
        model: what the client asked for.
        name: of the model chosen.
        choice: its index, and why.
        last: index of the powerful model.
    """

    def amend(response: RoutingResponse) -> None:
        response.model, response.reason = name, choice.reason
        response.use_lightweight = choice.model != last

    return router.route(text, candidates=(), policy=model.policy, amend=amend)


async def decide(
    router: Router,
    fleet: Fleet,
    asked: Asked,
    model: AskedModel,
    *,
    sticky: bool,
    raised: Callable[[int], int],
) -> Decision:
    """Who answers.

    Args:
        router: decides on each turn, and records the decision.
        fleet: the upstreams.
        asked: what is asked.
        model: what the client named.
        sticky: True where a conversation only goes on to dearer models.
        raised: from the index of a model to the one the conversation has come to.

    Raises:
        ApiError: 400 where no upstream can do it, 503 where every breaker is open.
    """
    last = len(fleet.models) - 1
    text = asked.texts[-1]
    if model.upstream is not None:
        upstream = model.upstream
        if not is_able(upstream, asked):
            what = "images" if asked.vision and not upstream.vision else "tools"
            raise ApiError(400, f"Upstream {upstream.name} takes no {what}.", param="model")
        at = fleet.serving.index(upstream) if upstream in fleet.serving else -1
        choice = Choice(at, Reason.FORCED)
        name = fleet.models[at] if at >= 0 else upstream.name
        response = recorded(router, text, model, name, choice, last)
        passes, lease = await admitted(router, upstream)
        if not passes:
            raise unavailable(router, (upstream,), decision_headers(response))
        return Decision(response, upstream, lease)
    choice = by_turns(router, fleet, asked, model, sticky)
    if sticky:
        choice = at_least(choice, min(last, raised(choice.model)))
    choice = by_capability(choice, fleet, asked)
    choice, lease = await by_breakers(router, fleet, asked, choice)
    response = recorded(router, text, model, fleet.models[choice.model], choice, last)
    able = [
        fleet.serving[m]
        for m in preference(choice.model, last + 1)
        if is_able(fleet.serving[m], asked)
    ]
    if choice.reason is Reason.BOTH_BREAKERS_OPEN:
        raise unavailable(router, able, decision_headers(response))
    others = tuple(one for one in able if one is not fleet.serving[choice.model])
    return Decision(response, fleet.serving[choice.model], lease, others)


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
