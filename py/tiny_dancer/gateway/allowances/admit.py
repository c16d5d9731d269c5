"""Whether a key may make a request, before it is decided."""

from ..config.key import Key
from ..routing.conversation import Conversation
from ..routing.mark import find_mark
from ..routing.model_name import RequestedModel
from ..routing.upstreams import Upstreams, is_able
from .allowance import FREE, Admission, Allowances, bound_cost, bound_tokens


async def admit(
    allowances: Allowances,
    key: Key | None,
    upstreams: Upstreams,
    requested: RequestedModel,
    conversation: Conversation,
    size: int,
) -> Admission:
    """Count a request that a model answers, and reserve its money.

    Args:
        allowances: of all keys.
        key: the caller's; None where it has no settings of its own.
        upstreams: who can be asked.
        requested: what the client named.
        conversation: what the request holds.
        size: bytes of the request.

    Raises:
        ApiError: 429 where the key's limit is reached.
        StoreError: nothing can be counted.
    """
    if key is None or not key.is_counted:
        return FREE
    able = upstreams.serving if requested.upstream is None else (requested.upstream,)
    light, tokens = upstreams.serving[0], bound_tokens(conversation, size)
    pin = conversation.pin  # a tool loop ends where it runs, and is refused rather than torn
    is_free = pin is None or (pin.caller or pin.mark) in (None, find_mark(light.name))
    can_serve = is_free and is_able(light, conversation)
    cheapest = bound_cost((light,), *tokens) if can_serve else None
    return await allowances.admit(key, bound_cost(able, *tokens), cheapest)
