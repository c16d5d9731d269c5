"""GET /metrics: this process's counters for Prometheus."""

from typing import TYPE_CHECKING

from ...history.readings.prometheus import CONTENT_TYPE, render
from ..http.request import Request
from ..http.response import Response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def get_metrics(gateway: "Gateway", request: Request) -> Response:
    """The counters in Prometheus' text format."""
    text = render(gateway.router.metrics()) + gateway.counters.render()
    return Response(200, {"content-type": CONTENT_TYPE}, text.encode())
