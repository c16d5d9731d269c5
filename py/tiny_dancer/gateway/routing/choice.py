"""From the scores of the user turns to a model: turns, mode, and what the models can do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ...policy import Choice, decide
from ...policy.preference import prefer
from ...response import Reason
from ...score import Scored
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from .conversation import Conversation
from .prompt_cache import does_leaving_pay
from .upstreams import Upstreams, is_able, is_long, list_lacks


class Switch(StrEnum):
    """Why another model answers than before, or than the one that was chosen."""

    FALLBACK = "fallback"
    ESCALATED = "escalated"
    CAPABILITY = "capability"
    BREAKER = "breaker"
    COST = "cost"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a request's session has come to.

    Attributes:
        sticky: the setting `policy.sticky`.
        floor: index of the dearest model that the session came to, where the client names the
            session and may leave turns out; None where the turns alone say it.
        first: how many user turns lie before the session's last long pause.
        is_idle: True where that pause is before this very request.
        maker: mark of the upstream that answered this loop, or has this state, where the ids do
            not say it.
    """

    sticky: bool | str = True
    floor: int | None = None
    first: int = 0
    is_idle: bool = False
    maker: str | None = None


def list_counting(conversation: Conversation, standing: Standing) -> tuple[str, ...]:
    """The texts of the user turns whose choices count; the last one is the request's."""
    texts = conversation.texts
    if standing.sticky is False:
        return texts[-1:]
    if standing.is_idle:  # the others say what the session had come to
        return texts
    left_out = conversation.turns - len(texts)
    return texts[min(max(0, standing.first - left_out), len(texts) - 1) :]


def choose_by_turns(
    scored: Sequence[Scored],
    conversation: Conversation,
    upstreams: Upstreams,
    standing: Standing,
) -> tuple[Choice, int, Switch | None]:
    """The choice that the user turns make, what the session comes to by it, and why that is new.

    A session only goes on to dearer models; with `sticky = "cost"` also back to a cheaper one
    where that pays.

    Args:
        scored: the turns that count.
        conversation: whose they are.
        upstreams: who can be asked.
        standing: what the session has come to.
    """
    models = upstreams.models
    choices = [decide(one, one.rule) for one in scored]
    turns = [models.index(choice.model) for choice in choices]
    sizes = conversation.sizes[-len(turns) :]
    before: int | None = None
    for model, size in zip(turns[:-1], sizes[:-1], strict=True):
        before, _ = _follow(before, model, size, upstreams, standing)
    floor = None if standing.floor is None else min(len(models) - 1, standing.floor)
    if standing.sticky is True and floor is not None:
        before = floor if before is None else max(before, floor)
    if standing.is_idle:
        is_back = before is not None and turns[-1] < before
        return choices[-1], turns[-1], Switch.IDLE if is_back else None
    current, switch = _follow(before, turns[-1], sizes[-1], upstreams, standing)
    if conversation.pin is not None:
        switch = None  # a loop is running: what switched, did so when its turn began
    if current == turns[-1]:
        return choices[-1], current, switch
    return Choice(models[current], Reason.STICKY), current, switch


def _follow(
    before: int | None, model: int, tokens: int, upstreams: Upstreams, standing: Standing
) -> tuple[int, Switch | None]:
    """The model behind a turn that chose one, and why it is another than before."""
    if before is None or model == before:
        return model, None
    if model > before:
        return model, Switch.ESCALATED
    serving = upstreams.serving
    if standing.sticky == "cost" and does_leaving_pay(serving[before], serving[model], tokens):
        return model, Switch.COST
    return before, None


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


def check_capability(upstream: Upstream, conversation: Conversation) -> None:
    """See that an upstream can serve a conversation, where nobody else may.

    Raises:
        ApiError: 400 where it cannot.
    """
    if lacks := list_lacks(upstream, conversation):
        if conversation.refusal is not None and not _is_spoken((upstream,), conversation):
            raise conversation.refusal
        what = " and no ".join(lacks)
        raise ApiError(400, f"Upstream {upstream.name} takes no {what}.", param="model")


def _is_spoken(upstreams: Sequence[Upstream], conversation: Conversation) -> bool:
    """True where one of them speaks the request's own format."""
    return any(conversation.format in one.api for one in upstreams)
