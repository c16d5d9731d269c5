"""GET /metrics: the counters for Prometheus."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ...errors import StoreError
from ...history.readings.prometheus import CONTENT_TYPE, render
from ..http.request import Request
from ..http.response import Response

if TYPE_CHECKING:
    from ..gateway import Gateway


MONEY: Final = ("cost", "money_saved", "saved_on_asked", "shadow_cost", "judge_cost")
"""What the store sums up."""


async def get_metrics(gateway: "Gateway", request: Request) -> Response:
    """The counters of this process, or of all that serve together, in Prometheus' text format.

    The money is the store's, as in /v1/stats: what users report is in it, and it outlives the
    process. While the store cannot be read, it is as last read.
    """
    with suppress(StoreError):  # `tiny_dancer_history_store_up` says so
        await gateway.router.drain()
        gateway.totals = await gateway.store.statistics()
    counted = gateway.router.metrics()
    if (stored := gateway.totals) is not None:
        counted = replace(counted, **{name: getattr(stored, name) for name in MONEY})
    text = render(counted) + gateway.counters.render()
    if gateway.sum_metrics is not None:
        text = gateway.sum_metrics(text)
    return Response(200, {"content-type": CONTENT_TYPE}, text.encode())


def render_metrics(gateway: "Gateway") -> str:
    """This process's counters."""
    return render(gateway.router.metrics()) + gateway.counters.render()
