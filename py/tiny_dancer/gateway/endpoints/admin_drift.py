"""POST /admin/drift: what the monitors say, and the end of an alarm."""

from typing import TYPE_CHECKING

from ..http.api_error import ApiError
from ..http.request import Request, parse_body
from ..http.response import Response, json_response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def handle_drift(gateway: "Gateway", request: Request) -> Response:
    """The monitors of the certified policy in service; `{"acknowledge": true}` starts them anew."""
    body = parse_body(request)
    acknowledge = body.pop("acknowledge", False)
    if body or not isinstance(acknowledge, bool):
        raise ApiError(400, 'An object is needed, such as {"acknowledge": true}.')
    router = gateway.router
    if acknowledge:
        await router.acknowledge_drift()
    else:
        router.expire()  # now, and not when it is due
        await router.refresh()
    drift = router.drift()
    return json_response({"drift": drift.to_dict() if drift is not None else None})
