"""POST /admin/breaker: hold a breaker by hand."""

from typing import TYPE_CHECKING, Final

from ...breaker.state import Mode
from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response

if TYPE_CHECKING:
    from ..gateway import Gateway

MODES: Final = {"open": Mode.FORCED_OPEN, "closed": Mode.FORCED_CLOSED, "automatic": None}


async def hold_breaker(gateway: "Gateway", request: Request) -> Response:
    """Hold an upstream's breaker open or closed, or leave it to itself again."""
    body = parse_body(request)
    name, mode = body.get("model"), body.get("mode")
    upstream = gateway.upstreams.find(name) if isinstance(name, str) else None
    if upstream is None:
        raise ApiError(400, "model: the name of an upstream is needed.", param="model")
    if not isinstance(mode, str) or mode not in MODES:
        raise ApiError(400, f"mode: one of {', '.join(MODES)} is needed.", param="mode")
    if gateway.config.breaker is None:
        raise ApiError(400, "The config switches breakers off.")
    await gateway.router.force_breaker(upstream.breaker, MODES[mode])
    breakers = gateway.router.metrics().breakers
    return json_response({"model": name, "state": str(breakers.get(upstream.breaker, "closed"))})
