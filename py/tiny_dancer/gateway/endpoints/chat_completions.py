"""POST /v1/chat/completions: whole and streamed."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import StoreFullError
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response
from ..routing.conversation import Conversation, read_chat
from ..routing.decision import decide_request
from ..routing.headers import build_cost_header, build_decision_headers
from ..routing.model_name import resolve_model
from ..upstream.call import StreamedAnswer, WholeAnswer, build_call
from ..upstream.fault import UpstreamFault
from ..upstream.forwarder import Answered, Forwarder
from ..upstream.stream import open_relay
from ..upstream.usage import Usage

if TYPE_CHECKING:
    from ..gateway import Gateway


async def complete_chat(gateway: "Gateway", request: Request) -> Response:
    """Answer a chat completion."""
    body = parse_body(request)
    return await complete(gateway, request, "chat/completions", body, read_chat(body))


async def complete(
    gateway: "Gateway",
    request: Request,
    path: str,
    body: Mapping[str, Any],
    conversation: Conversation,
) -> Response:
    """Answer with what the chosen upstream completes.

    Args:
        gateway: decides and asks.
        request: as it came.
        path: of the upstream's own endpoint, behind its base URL.
        body: of the request, parsed.
        conversation: what the body holds.

    Raises:
        ApiError: nobody answered.
    """
    if type(body.get("stream", False)) is not bool and body["stream"] is not None:
        raise ApiError(400, "stream: true or false is needed.", param="stream")
    requested = resolve_model(
        body.get("model"),
        gateway.upstreams,
        gateway.router.bundle,
        gateway.policies,
        gateway.config.find_mode(request.caller),
    )
    find_floor: Callable[[int], int] | None = None
    if gateway.config.policy.sticky:
        session = request.headers.get("x-conversation-id")
        find_floor = int  # the turns of the request alone
        if session:
            find_floor = partial(gateway.sessions.escalate, request.caller, session)
    # One reading of them: a reload in the middle changes what the next request gets.
    upstreams, caller, forwarder = gateway.upstreams, gateway.caller, gateway.forwarder
    decision = await decide_request(
        forwarder,
        upstreams,
        conversation,
        requested,
        find_floor=find_floor,
        owner=request.caller,
    )
    is_streamed = body.get("stream") is True

    async def attempt(upstream: Upstream, seconds: float) -> WholeAnswer | StreamedAnswer:
        call = build_call(upstream, path, body)
        if is_streamed:
            return await caller.open_stream(call, seconds)
        return await caller.fetch_whole(call, seconds)

    try:
        asked = (decision.upstream, *decision.others)
        answered = await forwarder.forward(asked, decision.lease, attempt)
    except BaseException as error:
        response = decision.record(gateway.router, upstreams, decision.upstream)
        if isinstance(error, ApiError):
            error.headers |= build_decision_headers(
                response, decision.choice.model, would=decision.would
            )
        raise
    response = decision.record(gateway.router, upstreams, answered.upstream)
    answer = answered.answer
    headers = {
        **answer.headers,
        **build_decision_headers(
            response, decision.choice.model, answered.upstream, decision.would
        ),
    }
    if isinstance(answer, StreamedAnswer):
        return await _respond_streamed(
            gateway, forwarder, response.decision_id, answered, answer, body, headers
        )
    forwarder.report(answered.upstream, answered.lease, answered.latency_ms)
    _record_usage(gateway, response.decision_id, answered, answer.usage)
    headers |= build_cost_header(answered.upstream, answer.usage)
    return Response(200, {"content-type": "application/json", **headers}, answer.body)


async def _respond_streamed(
    gateway: "Gateway",
    forwarder: Forwarder,
    decision_id: str,
    answered: Answered[Any],
    answer: StreamedAnswer,
    body: Mapping[str, Any],
    headers: dict[str, str],
) -> Response:
    lease = answered.lease
    if lease is not None:  # a probe has answered; its lease may not live as long as its stream
        forwarder.report(answered.upstream, lease, answered.latency_ms)

    def finish(usage: Usage | None, fault: UpstreamFault | None) -> None:
        if lease is None or fault is not None:
            forwarder.report(answered.upstream, None, answered.latency_ms, fault)
        _record_usage(gateway, decision_id, answered, usage)

    options = body.get("stream_options")
    wants_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    events = await open_relay(
        answer,
        answered.upstream,
        hides_usage=not wants_usage,
        ends_at=gateway.now() + forwarder.config.limits.stream_s,
        now=gateway.now,
        finish=finish,
    )
    kind = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    return Response(200, {**kind, **headers}, events)


def _record_usage(
    gateway: "Gateway", decision_id: str, answered: Answered[Any], usage: Usage | None
) -> None:
    """Keep what a call cost; what it saved follows from the powerful model's price.

    A store that has been failing for long is no reason to withhold an answer: the count is lost
    then, and that is counted.
    """
    if usage is None:
        return
    try:
        gateway.router.record_outcome(
            decision_id,
            model=answered.upstream.breaker,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            latency_ms=answered.latency_ms,
        )
    except StoreFullError:
        gateway.counters.count_lost_outcome()
