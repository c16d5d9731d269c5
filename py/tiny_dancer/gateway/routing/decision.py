"""From a conversation to the upstream that answers, and the decision that is recorded.

The choice is a pure function of the user turns; breakers and the map of sessions come after. Each
turn is scored once, and the decision is recorded once, when it is known who served it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from ...breaker.lease import Lease
from ...policy import Choice, decide
from ...policy.preference import prefer
from ...response import Reason, RoutingResponse
from ...router import Router
from ...score import Scored
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from ..upstream.forwarder import Forwarder
from .conversation import Conversation
from .headers import build_decision_headers
from .model_name import RequestedModel
from .upstreams import Upstreams, is_able, is_long, list_lacks


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
    """

    scored: Scored
    choice: Choice
    decided_at: float
    upstream: Upstream
    lease: Lease | None = None
    others: tuple[Upstream, ...] = ()
    owner: str | None = None
    would: Choice | None = None

    def record(self, router: Router, upstreams: Upstreams, served_by: Upstream) -> RoutingResponse:
        """The response, recorded for the model that served it: its share and its money."""
        model = self.choice.model
        if served_by is not self.upstream:
            model = upstreams.models[upstreams.serving.index(served_by)]
        self.scored.started_at += perf_counter() - self.decided_at  # the wait is not the decision's
        choice = Choice(model, self.choice.reason)
        return router.record(self.scored, choice, self.owner, self.would)


def choose_by_turns(
    scored: Sequence[Scored], upstreams: Upstreams, find_floor: Callable[[int], int] | None
) -> Choice:
    """The choice that the user turns make.

    Args:
        scored: the turns whose choices count; the last one is the request's.
        upstreams: who can be asked.
        find_floor: from the index of the dearest model that a turn chose to the one the session
            has come to; None where sessions do not count.
    """
    choices = [decide(one, one.rule) for one in scored]
    if find_floor is None:
        return choices[-1]
    models = upstreams.models
    dearest = max(models.index(choice.model) for choice in choices)
    floor = min(len(models) - 1, find_floor(dearest))
    if models.index(choices[-1].model) >= floor:
        return choices[-1]
    return Choice(models[floor], Reason.STICKY)


def choose_by_capability(
    choice: Choice, upstreams: Upstreams, conversation: Conversation
) -> Choice:
    """The choice, or the next best model that can serve the conversation.

    Raises:
        ApiError: 400 where none can. For length alone the longest context is taken instead.
    """
    serving = upstreams.serving
    chosen = upstreams.models.index(choice.model)
    able = [
        model for model in prefer(chosen, len(serving)) if is_able(serving[model], conversation)
    ]
    if not able:
        if conversation.refusal is not None and not _is_spoken(serving, conversation):
            raise conversation.refusal
        lacks = {word for one in serving for word in list_lacks(one, conversation)}
        raise ApiError(
            400,
            f"No configured upstream takes {' and '.join(sorted(lacks))}.",
            code="no_capable_upstream",
        )
    fitting = [model for model in able if not is_long(serving[model], conversation)]
    model = fitting[0] if fitting else max(able, key=lambda m: serving[m].context or 0)
    return choice if model == chosen else Choice(upstreams.models[model], Reason.CAPABILITY)


def _is_spoken(upstreams: Sequence[Upstream], conversation: Conversation) -> bool:
    """True where one of them speaks the request's own format."""
    return any(conversation.format in one.api for one in upstreams)


def choose_by_name(upstreams: Upstreams, conversation: Conversation, upstream: Upstream) -> Choice:
    """The choice of a client that named an upstream.

    Raises:
        ApiError: 400 where it cannot do it.
    """
    if lacks := list_lacks(upstream, conversation):
        if conversation.refusal is not None and not _is_spoken((upstream,), conversation):
            raise conversation.refusal
        what = " and no ".join(lacks)
        raise ApiError(400, f"Upstream {upstream.name} takes no {what}.", param="model")
    is_serving = upstream in upstreams.serving
    name = upstreams.models[upstreams.serving.index(upstream)] if is_serving else upstream.name
    return Choice(name, Reason.FORCED)


def choose_by_mode(
    choice: Choice, upstreams: Upstreams, conversation: Conversation, mode: str
) -> tuple[Choice, Choice | None]:
    """The choice of a mode, and what the policy would have chosen where it only observes.

    Raises:
        ApiError: 400 where no upstream can do it.
    """
    choice = choose_by_capability(choice, upstreams, conversation)
    if mode == "on":
        return choice, None
    reason = Reason.OBSERVE if mode == "observe" else Reason.FORCED
    powerful = choose_by_capability(Choice(upstreams.models[-1], reason), upstreams, conversation)
    return powerful, choice if mode == "observe" else None


async def choose_by_breakers(
    ask_breaker: Callable[[Upstream], Awaitable[tuple[bool, Lease | None]]],
    upstreams: Upstreams,
    conversation: Conversation,
    choice: Choice,
) -> tuple[Choice, Lease | None]:
    """The choice, or the next best able model whose breaker lets a call through."""
    chosen, last = upstreams.models.index(choice.model), len(upstreams.models) - 1
    open_ = Reason.BREAKER_POWERFUL_OPEN if chosen == last else Reason.BREAKER_LIGHT_OPEN
    for model in prefer(chosen, last + 1):
        if is_able(upstreams.serving[model], conversation):
            passes, lease = await ask_breaker(upstreams.serving[model])
            if passes:
                return choice if model == chosen else Choice(upstreams.models[model], open_), lease
    return Choice(choice.model, Reason.BOTH_BREAKERS_OPEN), None


async def decide_request(
    forwarder: Forwarder,
    upstreams: Upstreams,
    conversation: Conversation,
    model: RequestedModel,
    *,
    find_floor: Callable[[int], int] | None,
    owner: str,
) -> Decision:
    """Who answers.

    Args:
        forwarder: asks breakers; its router scores each turn.
        upstreams: who can be asked.
        conversation: what the request holds.
        model: what the client named.
        find_floor: from the index of a model to the one the session has come to; None where a
            session may go back to a cheaper model, so that its last turn alone counts.
        owner: the caller's key.

    Raises:
        ApiError: 400 where no upstream can do it, 503 where every breaker is open.
    """
    router = forwarder.router

    def score(text: str) -> Scored:
        return router.score(text, candidates=(), policy=model.policy)

    if model.upstream is not None:
        return await _decide_by_name(
            forwarder, upstreams, conversation, model.upstream, score, owner
        )
    texts = conversation.texts if find_floor is not None else conversation.texts[-1:]
    scored = [score(text) for text in texts]
    choice = choose_by_turns(scored, upstreams, find_floor)
    choice, would = choose_by_mode(choice, upstreams, conversation, model.mode)
    choice, lease = await choose_by_breakers(forwarder.ask_breaker, upstreams, conversation, choice)
    chosen, serving = upstreams.models.index(choice.model), upstreams.serving
    able = [serving[m] for m in prefer(chosen, len(serving)) if is_able(serving[m], conversation)]
    if choice.reason is Reason.BOTH_BREAKERS_OPEN:
        raise _refuse(forwarder, able, scored[-1], choice, owner, would)
    others = tuple(one for one in able if one is not serving[chosen])
    return Decision(
        scored[-1], choice, perf_counter(), serving[chosen], lease, others, owner, would
    )


async def _decide_by_name(
    forwarder: Forwarder,
    upstreams: Upstreams,
    conversation: Conversation,
    upstream: Upstream,
    score: Callable[[str], Scored],
    owner: str,
) -> Decision:
    """The upstream that the client named, and nobody else."""
    scored = score(conversation.texts[-1])
    choice = choose_by_name(upstreams, conversation, upstream)
    decided_at = perf_counter()
    passes, lease = await forwarder.ask_breaker(upstream)
    if not passes:
        raise _refuse(forwarder, (upstream,), scored, choice, owner)
    return Decision(scored, choice, decided_at, upstream, lease, owner=owner)


def _refuse(
    forwarder: Forwarder,
    upstreams: Sequence[Upstream],
    scored: Scored,
    choice: Choice,
    owner: str,
    would: Choice | None = None,
) -> ApiError:
    """The error where every breaker is open; the decision is recorded."""
    error = forwarder.build_unavailable(upstreams)
    response = forwarder.router.record(scored, choice, owner, would)
    error.headers |= build_decision_headers(response, choice.model, would=would)
    return error
