"""POST /v1/chat/completions and /v1/completions, whole and streamed."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ...errors import StoreFullError
from ..context import Context
from ..http.api_error import ApiError
from ..http.decision_headers import cost_header, decision_headers
from ..http.message import Request, Response
from ..http.payload import payload
from ..routing.conversation import Asked, asked_in_chat, asked_in_prompt
from ..routing.decision import Decision, decide_request
from ..routing.model_name import asked_model
from ..upstream.call import Opened, Whole, call_of, opened, whole
from ..upstream.fault import UpstreamFault, refusal
from ..upstream.retry import Answered
from ..upstream.stream import relay
from ..upstream.upstream import Upstream
from ..upstream.usage import Usage


async def chat(context: Context, request: Request, caller: str) -> Response:
    """Answer a chat completion."""
    return await _complete(context, request, caller, "chat/completions", asked_in_chat)


async def completion(context: Context, request: Request, caller: str) -> Response:
    """Answer a completion."""
    return await _complete(context, request, caller, "completions", asked_in_prompt)


async def _complete(
    context: Context,
    request: Request,
    caller: str,
    path: str,
    read: Callable[[Mapping[str, Any]], Asked],
) -> Response:
    body = payload(request)
    if type(body.get("stream", False)) is not bool and body["stream"] is not None:
        raise ApiError(400, "stream: true or false is needed.", param="stream")
    asked = read(body)
    model = asked_model(body.get("model"), context.fleet, context.router.bundle, context.policies)
    conversation = request.headers.get("x-conversation-id")
    decision = await decide_request(
        context.router,
        context.fleet,
        asked,
        model,
        sticky=context.config.policy.sticky,
        raised=partial(context.floors.raised, caller, conversation),
        owner=caller,
    )
    limits, send = context.config.limits, opened if body.get("stream") is True else whole

    async def attempt(upstream: Upstream, seconds: float) -> Whole | Opened:
        call = call_of(upstream, path, body)
        return await send(context.fetch, call, seconds, limits.answer_bytes, context.now)

    upstreams = (decision.upstream, *decision.others)
    try:
        answered = await context.forwarder.forward(upstreams, decision.lease, attempt)
    except UpstreamFault as fault:
        return refusal(fault, decision_headers(decision.response))
    except ApiError as error:
        error.headers |= decision_headers(decision.response)
        raise
    headers = decision_headers(decision.response, answered.upstream)
    if isinstance(answered.answer, Opened):
        return _streamed(context, decision, answered, answered.answer, body, headers)
    return _whole(context, decision, answered, answered.answer, headers)


def _whole(
    context: Context,
    decision: Decision,
    answered: Answered[Any],
    answer: Whole,
    headers: dict[str, str],
) -> Response:
    context.forwarder.report(answered.upstream, answered.lease, answered.latency_ms)
    note_usage(context, decision, answered, answer.usage)
    headers |= cost_header(answered.upstream, answer.usage)
    return Response(200, {"content-type": "application/json", **headers}, answer.body)


def _streamed(
    context: Context,
    decision: Decision,
    answered: Answered[Any],
    stream: Opened,
    body: Mapping[str, Any],
    headers: dict[str, str],
) -> Response:
    lease = answered.lease
    if lease is not None:  # a probe has answered; its lease may not live as long as its stream
        context.forwarder.report(answered.upstream, lease, answered.latency_ms)

    def finished(usage: Usage | None, fault: UpstreamFault | None) -> None:
        if lease is None or fault is not None:
            context.forwarder.report(answered.upstream, None, answered.latency_ms, fault)
        note_usage(context, decision, answered, usage)

    options = body.get("stream_options")
    wants_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    events = relay(
        stream,
        answered.upstream,
        hides_usage=not wants_usage,
        ends_at=context.now() + context.config.limits.stream_s,
        now=context.now,
        finished=finished,
    )
    kind = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    return Response(200, {**kind, **headers}, events)


def note_usage(
    context: Context, decision: Decision, answered: Answered[Any], usage: Usage | None
) -> None:
    """Keep what a call cost; what it saved follows from the powerful model's price.

    A store that has been failing for long is no reason to withhold an answer: the count is lost
    then, and that is counted.
    """
    if usage is None:
        return
    try:
        context.router.record_outcome(
            decision.response.decision_id,
            model=answered.upstream.breaker,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            latency_ms=answered.latency_ms,
        )
    except StoreFullError:
        context.counts.lost()
