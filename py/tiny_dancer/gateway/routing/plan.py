"""Who is to be asked for a request, in which order, and why. Pure; breakers come after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ...policy import Choice
from ...policy.preference import prefer
from ...response import Reason
from ...score import Scored
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from .choice import (
    Standing,
    Switch,
    check_capability,
    choose_by_mode,
    choose_by_turns,
    list_counting,
)
from .conversation import Conversation
from .mark import find_mark
from .model_name import RequestedModel
from .pin import Pin, Tie
from .upstreams import Upstreams, is_able, is_long


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is to be asked.

    Attributes:
        scored: numbers of the last user turn.
        choice: the model, and why.
        upstreams: who is asked, in order; the first is the choice's.
        would: what the policy would have chosen, where it only observes.
        switched: why the model is another than before, or than the turns chose.
        floor: index of the model that the session has come to; None where the client named one.
    """

    scored: Scored
    choice: Choice
    upstreams: tuple[Upstream, ...]
    would: Choice | None = None
    switched: Switch | None = None
    floor: int | None = None


def make_plan(
    score: Callable[[str], Scored],
    upstreams: Upstreams,
    conversation: Conversation,
    requested: RequestedModel,
    standing: Standing,
) -> Plan:
    """Who is to be asked for a request.

    Args:
        score: scores a user turn.
        upstreams: who can be asked.
        conversation: what the request holds.
        requested: what the client named.
        standing: what the session has come to.

    Raises:
        ApiError: 400 where no upstream can do it.
    """
    pin = conversation.pin
    maker = _find_maker(pin, standing, upstreams)
    is_thinking = pin is not None and pin.tie is Tie.THINKING
    if pin is not None and is_thinking and maker and conversation.format not in maker.api:
        # it was translated from a chat, so anybody can go on without it
        pin = replace(pin, tie=Tie.CALLS, mark=pin.caller or pin.mark)
        maker = _find_maker(pin, standing, upstreams)
    if requested.upstream is not None:
        scored = score(conversation.texts[-1])
        return _plan_by_name(scored, upstreams, conversation, requested.upstream, pin, maker)
    turns = [score(text) for text in list_counting(conversation, standing)]
    choice, floor, switched = choose_by_turns(turns, conversation, upstreams, standing)
    if pin is None and switched is not Switch.ESCALATED and standing.sticky is not False:
        pin = conversation.asked  # who asked for the results has the first word on them
        maker = _find_maker(pin, standing, upstreams)
    base = choice
    if requested.mode != "on":
        reason = Reason.OBSERVE if requested.mode == "observe" else Reason.FORCED
        base = Choice(upstreams.models[-1], reason)
    if pin is not None and pin.tie is not Tie.CALLS:
        maker = _find_keeper(pin, maker, base, upstreams, conversation)
    if pin is None or maker is None:
        chosen, would = choose_by_mode(choice, upstreams, conversation, requested.mode)
        if chosen.reason is Reason.CAPABILITY:
            switched = Switch.CAPABILITY
        able = tuple(_list_able(chosen.model, upstreams, conversation))
        switched = switched if requested.mode == "on" else None
        return Plan(turns[-1], chosen, able, would, switched, floor)
    would = choice if requested.mode == "observe" else None
    plan = Plan(turns[-1], base, (), would, floor=floor)
    is_unfit = not is_able(maker, conversation) or is_long(maker, conversation)
    if pin.tie is Tie.CALLS or (pin.tie is Tie.THINKING and is_unfit):
        return _plan_loop(plan, upstreams, conversation, pin, maker)
    check_capability(maker, conversation)
    return replace(plan, choice=_name(base, maker, upstreams), upstreams=(maker,))


def _plan_by_name(
    scored: Scored,
    upstreams: Upstreams,
    conversation: Conversation,
    upstream: Upstream,
    pin: Pin | None,
    maker: Upstream | None,
) -> Plan:
    """The upstream that the client named, and nobody else.

    Raises:
        ApiError: 400 where it cannot do it.
    """
    check_capability(upstream, conversation)
    if pin is not None and pin.tie is not Tie.CALLS and maker not in (None, upstream):
        what = "reasoning that another upstream made"
        if pin.tie is Tie.STATE:
            what = "state that another upstream keeps"
        raise ApiError(400, f"Upstream {upstream.name} takes no {what}.", param="model")
    choice = Choice(_find_name(upstream, upstreams), Reason.FORCED)
    return Plan(scored, choice, (upstream,))


def _plan_loop(
    plan: Plan, upstreams: Upstreams, conversation: Conversation, pin: Pin, maker: Upstream
) -> Plan:
    """The upstream that made the loop's calls; the next one where it fails, once.

    Where it cannot do what the loop has come to, such as read an image in a result, the next one
    that can takes over, without the thinking that it could not read.
    """
    begin = maker if maker in upstreams.serving else upstreams.find(plan.choice.model)
    able = [
        one
        for one in _list_able(_find_name(begin or maker, upstreams), upstreams, conversation)
        if one is not maker and not is_long(one, conversation)
    ]
    is_fit = is_able(maker, conversation) and not is_long(maker, conversation)
    if not is_fit and able:
        moved = Choice(_find_name(able[0], upstreams), Reason.CAPABILITY)
        return replace(plan, choice=moved, upstreams=(able[0],), switched=Switch.CAPABILITY)
    check_capability(maker, conversation)
    stand_ins = () if pin.has_moved else tuple(able[:1])
    choice = _name(plan.choice, maker, upstreams)
    return replace(plan, choice=choice, upstreams=(maker, *stand_ins))


def _find_maker(pin: Pin | None, standing: Standing, upstreams: Upstreams) -> Upstream | None:
    """The upstream of a mark; None where there is none, or it is no longer configured."""
    mark = pin and (pin.mark or standing.maker)
    found = (one for one in upstreams.by_name.values() if find_mark(one.name) == mark)
    return next(found, None) if mark else None


def _find_keeper(
    pin: Pin,
    maker: Upstream | None,
    choice: Choice,
    upstreams: Upstreams,
    conversation: Conversation,
) -> Upstream | None:
    """Who alone can go on with state or thinking; None where any that is able has it.

    State whose ids say nothing is looked for at the dearest model, whatever the turns choose, so
    that all requests look in one place; thinking at the model that the turns choose.

    Raises:
        ApiError: 400 where its maker is no longer configured.
    """
    if maker is not None:
        return maker
    if pin.mark is not None:
        raise ApiError(
            400,
            "The upstream that made what the request goes on with is no longer configured.",
            code="upstream_not_found",
        )
    last = upstreams.models[-1]
    name = last if pin.tie is Tie.STATE else choice.model
    able = list(_list_able(name, upstreams, conversation))
    if len({(one.base_url, one.key) for one in able}) < 2 and pin.tie is Tie.STATE:
        return None
    return able[0] if able else None


def _list_able(model: str, upstreams: Upstreams, conversation: Conversation) -> Iterator[Upstream]:
    """A model's upstream, and who may stand in for it: who can, and has a context long enough."""
    serving, models = upstreams.serving, upstreams.models
    for at in prefer(models.index(model), len(models)):
        is_first = models[at] == model
        if is_able(serving[at], conversation) and (
            is_first or not is_long(serving[at], conversation)
        ):
            yield serving[at]


def _name(choice: Choice, upstream: Upstream, upstreams: Upstreams) -> Choice:
    """The choice where it is this upstream's; else that the session stays with it."""
    name = _find_name(upstream, upstreams)
    return choice if name == choice.model else Choice(name, Reason.STICKY)


def _find_name(upstream: Upstream, upstreams: Upstreams) -> str:
    """The model that an upstream serves, or else its own name."""
    if upstream in upstreams.serving:
        return upstreams.models[upstreams.serving.index(upstream)]
    return upstream.name
