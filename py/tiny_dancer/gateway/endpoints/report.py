"""GET /v1/report: is it safe to switch on; as `tiny-dancer report --json`, or the page."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...errors import PolicyError
from ...report.page import build_page
from ...report.report import Report, read_history
from ..http.api_error import ApiError
from ..http.request import Request
from ..http.response import Response, json_response
from .computation import alone

if TYPE_CHECKING:
    from ..gateway import Gateway


async def get_report(gateway: "Gateway", request: Request) -> Response:
    """The report on the store; HTML where the client accepts it before JSON.

    On CPython a thread writes to the store, so the last fifth of a second may be missing. Another
    one computes, for one request at a time.
    """
    bundle = gateway.router.bundle
    if bundle is None:
        raise ApiError(409, "There is no bundle whose decisions could be reported on.")
    await gateway.router.drain()
    try:
        report = await read_history(
            gateway.store, bundle, gateway.now(), given=gateway.config.policy.certified
        )
    except PolicyError as error:
        raise ApiError(409, f"No report: {error}.") from None
    call = partial(_respond, request, report)
    return await gateway.run_aside(alone("report", gateway.computing, call))


def _respond(request: Request, report: Callable[[], Report]) -> Response:
    """The response, computed here."""
    found = report()
    accepted = request.headers.get("accept", "").partition(",")[0]
    if accepted.partition(";")[0].strip() == "text/html":
        headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
        return Response(200, headers, build_page(found).encode())
    return json_response(found.to_dict())
