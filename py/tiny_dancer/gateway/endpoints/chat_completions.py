"""POST /v1/chat/completions: whole and streamed."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import StoreError, StoreFullError
from ...policy import Choice, decide
from ...reason import DOUBTS, Reason
from ..allowances.admit import admit
from ..config.upstream import Upstream
from ..formats.exchange import Exchange, Reply
from ..formats.format import CHAT, Format
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response
from ..money.bill import Bill
from ..routing.decision import Decision, decide_request
from ..routing.headers import build_cost_header, build_decision_headers, build_dropped_header
from ..routing.key_model import name_for_key
from ..routing.mark import find_mark
from ..routing.model_name import RequestedModel, resolve_model
from ..routing.pin import Tie
from ..routing.session import HEADER
from ..routing.upstreams import Upstreams, is_able, is_long
from ..shadow.pair import Sampled, has_plain_tools
from ..upstream.call import StreamedAnswer
from ..upstream.event_reader import EventReader
from ..upstream.fault import UpstreamFault
from ..upstream.forwarder import Answered, Forwarder
from ..upstream.stream import open_relay
from ..upstream.usage import Usage

if TYPE_CHECKING:
    from ..gateway import Gateway


async def complete_chat(gateway: "Gateway", request: Request) -> Response:
    """Answer a chat completion."""
    return await complete(gateway, request, CHAT)


async def complete(gateway: "Gateway", request: Request, format_: Format) -> Response:
    """Answer with what the chosen upstream completes.

    Args:
        gateway: decides and asks.
        request: as it came.
        format_: of the request.

    Raises:
        ApiError: nobody answered.
    """
    body = parse_body(request)
    exchange = Exchange(format_, body, request.headers)
    if gateway.spans is not None:
        gateway.spans.add_request(format_.name, body)
    key = gateway.config.find_key(request.caller)
    requested = resolve_model(
        name_for_key(key, body.get("model"), gateway.upstreams),
        gateway.upstreams,
        gateway.router.bundle,
        gateway.policies,
        gateway.config.find_mode(request.caller),
    )
    named, policy, sessions = request.headers.get(HEADER), gateway.config.policy, gateway.sessions
    session, standing = sessions.find(
        request.caller, named, exchange.conversation, policy, gateway.now()
    )
    # One reading of them: a reload in the middle changes what the next request gets.
    upstreams, caller, forwarder = gateway.upstreams, gateway.caller, gateway.forwarder
    admission = await admit(
        gateway.allowances, key, upstreams, requested, exchange.conversation, _measure(request)
    )
    if admission.is_over:
        requested = RequestedModel(upstreams.serving[0])
    try:
        decision = await decide_request(
            forwarder,
            upstreams,
            exchange.conversation,
            requested,
            standing=standing,
            owner=request.caller,
        )
    except BaseException:
        gateway.allowances.settle(admission, None, is_known=True)  # nobody was asked
        raise
    sessions.remember(session, standing, decision.floor, gateway.now())
    sampled = _sample(gateway, upstreams, request, exchange, requested, decision)
    if admission.is_over:
        decision = replace(decision, choice=Choice(decision.choice.model, Reason.BUDGET))
    bill, asked = Bill(), upstreams.find_asked(body.get("model"))

    async def attempt(upstream: Upstream, seconds: float) -> Reply:
        return await exchange.ask(caller, upstream, seconds)

    try:
        able = (decision.upstream, *decision.others)
        answered = await forwarder.forward(able, decision.lease, attempt, bill.add_failure)
    except BaseException as error:
        response = decision.record(gateway.router, upstreams, decision.upstream)
        if not isinstance(error, Exception):  # the client left: what was begun may be charged
            gateway.counters.count_unpriced()
        gateway.allowances.settle(admission, bill.cost, is_known=isinstance(error, Exception))
        if not bill.is_empty:
            _record_bill(gateway, upstreams, response.decision_id, bill, asked)
        if isinstance(error, ApiError):
            error.headers |= build_decision_headers(
                response,
                decision.choice.model,
                would=decision.would,
                switched=decision.switched,
                session=session,
            )
        raise
    response = decision.record(gateway.router, upstreams, answered.upstream)
    sessions.keep_maker(session, find_mark(answered.upstream.name))
    reply = answered.answer
    answer = reply.answer

    def record(usage: Usage | None) -> None:
        bill.add_answer(answered.upstream, usage)
        if bill.answer is None:
            gateway.counters.count_unpriced()
        gateway.allowances.settle(admission, bill.cost, is_known=bill.answer is not None)
        if gateway.spans is not None:
            gateway.spans.add_usage(answered.upstream, usage, bill.cost)
        _record_bill(gateway, upstreams, response.decision_id, bill, asked, answered.latency_ms)

    headers = {
        **answer.headers,
        **build_decision_headers(
            response,
            decision.choice.model,
            answered.upstream,
            decision.would,
            decision.find_switch(answered.upstream),
            session,
        ),
        **build_dropped_header(reply.dropped),
    }
    if isinstance(answer, StreamedAnswer):
        reader = exchange.open_events(answered.upstream)
        return await _respond_streamed(
            gateway,
            forwarder,
            response.decision_id,
            answered,
            answer,
            reader,
            headers,
            record,
            sampled,
        )
    forwarder.report(answered.upstream, answered.lease, answered.latency_ms)
    record(answer.usage)
    with suppress(StoreError):  # it waits, and is no reason to withhold an answer
        await gateway.allowances.drain()
    headers |= build_cost_header(bill.cost)
    sent = Response(200, {"content-type": "application/json", **headers}, reply.body)
    return await gateway.shadow.watch(sampled, response.decision_id, answered.upstream, sent)


def _sample(
    gateway: "Gateway",
    upstreams: Upstreams,
    request: Request,
    exchange: Exchange,
    requested: RequestedModel,
    decision: Decision,
) -> Sampled | None:
    """The request where the other model is asked too: the router decides on it, both can serve."""
    serving, chat, conversation = upstreams.serving, exchange.chat, exchange.conversation
    if requested.upstream is not None or requested.mode == "off" or len(serving) != 2:
        return None
    if conversation.pin is not None and conversation.pin.tie is not Tie.CALLS:
        return None  # the other model cannot read what the one made
    is_response = exchange.format.name == "responses"
    if chat is None or (is_response and not has_plain_tools(exchange.body)):
        return None  # nobody here could grade the answers
    if not all(is_able(one, conversation) and not is_long(one, conversation) for one in serving):
        return None
    size = _measure(request)
    both, scored = (serving[0], serving[1]), decision.scored
    sampled = gateway.shadow.sample(
        scored.text, exchange.format.name, chat, size, both, exchange.ask_again
    )
    if sampled is not None and decide(scored, scored.rule).reason in DOUBTS:
        return None  # powerful under any policy: a pair would tell nothing of any
    return sampled


def _measure(request: Request) -> int:
    """Bytes of the body, which has been read."""
    return len(request.body) if isinstance(request.body, bytes) else 0


async def _respond_streamed(
    gateway: "Gateway",
    forwarder: Forwarder,
    decision_id: str,
    answered: Answered[Any],
    answer: StreamedAnswer,
    reader: EventReader,
    headers: dict[str, str],
    record: Callable[[Usage | None], None],
    sampled: Sampled | None,
) -> Response:
    lease, faults = answered.lease, []
    if lease is not None:  # a probe has answered; its lease may not live as long as its stream
        forwarder.report(answered.upstream, lease, answered.latency_ms)

    def finish(usage: Usage | None, fault: UpstreamFault | None) -> None:
        faults.append(fault)
        if lease is None or fault is not None:
            forwarder.report(answered.upstream, None, answered.latency_ms, fault)
        record(usage)

    events = await open_relay(
        answer,
        answered.upstream,
        reader,
        ends_at=gateway.now() + forwarder.config.limits.stream_s,
        now=gateway.now,
        finish=finish,
    )
    kind = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
    sent = Response(200, {**kind, **headers}, events, reader.fail)
    return await gateway.shadow.watch(
        sampled, decision_id, answered.upstream, sent, is_whole=lambda: faults == [None]
    )


def _record_bill(
    gateway: "Gateway",
    upstreams: Upstreams,
    decision_id: str,
    bill: Bill,
    asked: Upstream,
    latency_ms: float | None = None,
) -> None:
    """Keep what a request cost.

    An answer that says no tokens, such as a stream that its client left, is kept as one of unknown
    cost. A store that has been failing for long is no reason to withhold an answer: the count is
    lost then, and that is counted.
    """
    fields = bill.build_outcome(upstreams.serving[-1], asked)
    fields["latency_ms"] = latency_ms
    try:
        gateway.router.record_outcome(decision_id, **fields)
    except StoreFullError:
        gateway.counters.count_lost_outcome()
