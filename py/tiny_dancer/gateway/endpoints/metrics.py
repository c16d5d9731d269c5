"""GET /metrics: the counters for Prometheus."""

from typing import TYPE_CHECKING

from ...history.readings.prometheus import CONTENT_TYPE, render
from ..http.request import Request
from ..http.response import Response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def get_metrics(gateway: "Gateway", request: Request) -> Response:
    """The counters of this process, or of all that serve together, in Prometheus' text format."""
    text = render_metrics(gateway)
    if gateway.sum_metrics is not None:
        text = gateway.sum_metrics(text)
    return Response(200, {"content-type": CONTENT_TYPE}, text.encode())


def render_metrics(gateway: "Gateway") -> str:
    """This process's counters."""
    return render(gateway.router.metrics()) + gateway.counters.render()
