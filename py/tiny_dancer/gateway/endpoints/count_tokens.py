"""POST /v1/messages/count_tokens: how many tokens a request is. Nothing is decided or recorded."""

from typing import TYPE_CHECKING, Final

from ..config.upstream import Upstream
from ..formats.exchange import Exchange
from ..formats.format import MESSAGES
from ..formats.messages.wire import COUNT
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from ..routing.decision import choose_by_capability, choose_by_turns
from ..routing.model_name import resolve_model
from ..upstream.call import WholeAnswer

if TYPE_CHECKING:
    from ..gateway import Gateway

ESTIMATE: Final = "x-tiny-dancer-estimate"
"""Of a count that comes from the request's bytes and from no model."""

SERVED_BY: Final = "x-tiny-dancer-served-by"


async def count_tokens(gateway: "Gateway", request: Request) -> Response:
    """Answer with the count of the upstream that would be asked, or else with an estimate."""
    exchange = Exchange(MESSAGES, parse_body(request), request.headers)
    caller, forwarder = gateway.caller, gateway.forwarder
    upstream = _find_upstream(gateway, request, exchange)
    is_counted, lease = exchange.is_native(upstream), None
    if is_counted:
        is_counted, lease = await forwarder.ask_breaker(upstream)
    if not is_counted:
        tokens = max(1, exchange.conversation.tokens)
        return json_response({"input_tokens": tokens}, headers={ESTIMATE: "1"})

    async def attempt(upstream: Upstream, seconds: float) -> WholeAnswer:
        call, _ = exchange.build_native(upstream, COUNT)
        return await caller.fetch_whole(call, seconds, COUNT)

    answered = await forwarder.forward((upstream,), lease, attempt)
    forwarder.report(upstream, answered.lease, answered.latency_ms)
    headers = {**answered.answer.headers, SERVED_BY: upstream.name}
    kind = {"content-type": "application/json"}
    return Response(200, {**kind, **headers}, answered.answer.body)


def _find_upstream(gateway: "Gateway", request: Request, exchange: Exchange) -> Upstream:
    """Who would be asked, breakers and sessions aside.

    Raises:
        ApiError: nobody has the model's name, or can serve the request.
    """
    upstreams, conversation = gateway.upstreams, exchange.conversation
    mode = gateway.config.find_mode(request.caller)
    requested = resolve_model(
        exchange.body.get("model"), upstreams, gateway.router.bundle, gateway.policies, mode
    )
    if requested.upstream is not None:
        return requested.upstream
    if requested.mode != "on":
        return upstreams.serving[-1]
    router = gateway.router
    scored = [
        router.score(text, candidates=(), policy=requested.policy) for text in conversation.texts
    ]
    choice = choose_by_turns(scored, upstreams, int)
    choice = choose_by_capability(choice, upstreams, conversation)
    return upstreams.serving[upstreams.models.index(choice.model)]
