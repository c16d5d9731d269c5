"""POST /v1/embeddings: passed through to an upstream of that kind. No decision, none recorded."""

from typing import Any

from ..context import Context
from ..http.api_error import ApiError
from ..http.message import Request, Response
from ..http.payload import payload
from ..routing.decision import admitted, unavailable
from ..routing.model_name import AUTO
from ..upstream.call import Whole, call_of, whole
from ..upstream.fault import UpstreamFault, refusal
from ..upstream.upstream import Upstream


async def embeddings(context: Context, request: Request, caller: str) -> Response:
    """Answer with an upstream's embeddings; `auto` is the first one configured."""
    body = payload(request)
    upstream = _asked(context, body.get("model"))
    limits = context.config.limits

    async def attempt(upstream: Upstream, seconds: float) -> Whole:
        call = call_of(upstream, "embeddings", body)
        return await whole(context.fetch, call, seconds, limits.answer_bytes, context.now)

    passes, lease = await admitted(context.router, upstream)
    if not passes:
        raise unavailable(context.router, (upstream,))
    try:
        answered = await context.forwarder.forward((upstream,), lease, attempt)
    except UpstreamFault as fault:
        return refusal(fault)
    context.forwarder.report(upstream, answered.lease, answered.latency_ms)
    headers = {"content-type": "application/json", "x-tiny-dancer-served-by": upstream.name}
    return Response(200, headers, answered.answer.body)


def _asked(context: Context, name: Any) -> Upstream:
    for one in context.config.upstreams:
        if one.kind == "embeddings" and name in (None, AUTO, one.name):
            return one
    raise ApiError(
        404,
        "model: no upstream of kind embeddings has this name.",
        param="model",
        code="model_not_found",
    )
