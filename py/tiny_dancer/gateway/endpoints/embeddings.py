"""POST /v1/embeddings: passed through to an upstream of that kind. No decision, none recorded."""

from typing import TYPE_CHECKING, Any

from ..allowances.allowance import bound_cost
from ..config.upstream import Upstream
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response
from ..money.bill import Bill
from ..routing.key_model import name_for_key
from ..routing.upstreams import AUTO, Upstreams
from ..upstream.call import WholeAnswer, build_call
from ..upstream.wire import EMBEDDINGS

if TYPE_CHECKING:
    from ..gateway import Gateway


async def embed(gateway: "Gateway", request: Request) -> Response:
    """Answer with an upstream's embeddings; `auto` is the first one configured."""
    body = parse_body(request)
    key, upstreams = gateway.config.find_key(request.caller), gateway.upstreams
    upstream = _find_upstream(upstreams, body.get("model"))
    name_for_key(key, body.get("model"), upstreams)
    caller, forwarder = gateway.caller, gateway.forwarder
    bound = bound_cost((upstream,), len(request.body) if isinstance(request.body, bytes) else 0, 0)
    admission = await gateway.allowances.admit(key, bound, None)

    async def attempt(upstream: Upstream, seconds: float) -> WholeAnswer:
        call = build_call(upstream, EMBEDDINGS, body)
        return await caller.fetch_whole(call, seconds, EMBEDDINGS)

    bill = Bill()
    try:
        passes, lease = await forwarder.ask_breaker(upstream)
        if not passes:
            raise forwarder.build_unavailable((upstream,))
        answered = await forwarder.forward((upstream,), lease, attempt, bill.add_failure)
        bill.add_answer(upstream, answered.answer.usage)
    except Exception:
        gateway.allowances.settle(admission, bill.cost, is_known=True)
        raise
    gateway.allowances.settle(admission, bill.cost, is_known=bill.answer is not None)
    if gateway.spans is not None:
        gateway.spans.add_request("embeddings", body)
        gateway.spans.add_usage(upstream, bill.answer, bill.cost)
    forwarder.report(upstream, answered.lease, answered.latency_ms)
    headers = {
        **answered.answer.headers,
        "content-type": "application/json",
        "x-tiny-dancer-served-by": upstream.name,
    }
    return Response(200, headers, answered.answer.body)


def _find_upstream(upstreams: Upstreams, name: Any) -> Upstream:
    name = upstreams.aliases.get(name, name) if isinstance(name, str) else name
    for one in upstreams.by_name.values():
        if one.kind == "embeddings" and name in (None, AUTO, one.name):
            return one
    raise ApiError(
        404,
        "model: no upstream of kind embeddings has this name.",
        param="model",
        code="model_not_found",
    )
