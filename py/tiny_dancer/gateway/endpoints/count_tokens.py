"""POST /v1/messages/count_tokens: how many tokens a request is. Nothing is decided or recorded."""

from typing import TYPE_CHECKING, Final

from ...score import Scored
from ..config.upstream import Upstream
from ..formats.exchange import Exchange
from ..formats.format import MESSAGES
from ..formats.messages.wire import COUNT
from ..http.request import Request, parse_body
from ..http.response import Response, json_response
from ..routing.key_model import name_for_key
from ..routing.model_name import resolve_model
from ..routing.plan import make_plan
from ..routing.session import HEADER
from ..upstream.blame import lacks_endpoint
from ..upstream.call import WholeAnswer
from ..upstream.fault import UpstreamFault

if TYPE_CHECKING:
    from ..gateway import Gateway

ESTIMATE: Final = "x-tiny-dancer-estimate"
"""Of a count that comes from the request's bytes and from no model."""

SERVED_BY: Final = "x-tiny-dancer-served-by"


async def count_tokens(gateway: "Gateway", request: Request) -> Response:
    """Answer with the count of the upstream that would be asked, or else with an estimate.

    An estimate is made where it does not speak messages, has not got this endpoint, or its breaker
    is open.
    """
    exchange = Exchange(MESSAGES, parse_body(request), request.headers)
    caller, forwarder = gateway.caller, gateway.forwarder
    upstream = _find_upstream(gateway, request, exchange)
    is_counted, lease = exchange.is_native(upstream), None
    if is_counted:
        is_counted, lease = await forwarder.ask_breaker(upstream)
    if not is_counted:
        return _estimate(exchange)

    async def attempt(upstream: Upstream, seconds: float) -> WholeAnswer | UpstreamFault:
        call, _ = exchange.build_native(upstream, COUNT)
        try:
            return await caller.fetch_whole(call, seconds, COUNT)
        except UpstreamFault as fault:
            if not lacks_endpoint(fault):
                raise
            return fault

    answered = await forwarder.forward((upstream,), lease, attempt)
    answer = answered.answer
    if isinstance(answer, UpstreamFault):
        forwarder.report(upstream, answered.lease, answered.latency_ms, answer)
        return _estimate(exchange)
    forwarder.report(upstream, answered.lease, answered.latency_ms)
    headers = {**answer.headers, SERVED_BY: upstream.name}
    return Response(200, {"content-type": "application/json", **headers}, answer.body)


def _estimate(exchange: Exchange) -> Response:
    """A count by the bytes of the prompt; what the answer may have is not in it."""
    conversation = exchange.conversation
    tokens = max(1, conversation.tokens - conversation.answer_tokens)
    return json_response({"input_tokens": tokens}, headers={ESTIMATE: "1"})


def _find_upstream(gateway: "Gateway", request: Request, exchange: Exchange) -> Upstream:
    """Who would be asked, breakers aside.

    Raises:
        ApiError: nobody has the model's name, or can serve the request.
    """
    conversation, router, policy = exchange.conversation, gateway.router, gateway.config.policy
    mode = gateway.config.find_mode(request.caller)
    key = gateway.config.find_key(request.caller)
    name = name_for_key(key, exchange.body.get("model"), gateway.upstreams)
    requested = resolve_model(name, gateway.upstreams, router.bundle, gateway.policies, mode)
    if requested.upstream is not None:
        return requested.upstream
    named, now = request.headers.get(HEADER), gateway.now()
    _, standing = gateway.sessions.find(request.caller, named, conversation, policy, now)

    def score(text: str) -> Scored:
        return router.score(text, candidates=(), policy=requested.policy)

    return make_plan(score, gateway.upstreams, conversation, requested, standing).upstreams[0]
