"""GET /v1/stats: totals of the store."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..http.request import Request
from ..http.response import Response, json_response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def get_stats(gateway: "Gateway", request: Request) -> Response:
    """Totals of the store, which all processes share, and the breakers as this one sees them.

    On CPython a thread writes to the store, so the last fifth of a second may be missing.
    """
    await gateway.router.drain()
    totals = await gateway.store.statistics()
    breakers = gateway.router.metrics().breakers
    answer: dict[str, Any] = {"lightweight_share": totals.lightweight_share, **asdict(totals)}
    answer["breakers"] = {
        one.name: str(breakers.get(one.breaker, "closed")) for one in gateway.config.upstreams
    }
    bundle = gateway.router.bundle
    answer["bundle_hash"] = bundle.bundle_hash if bundle is not None else None
    if (day := gateway.shadow.day) is not None:
        answer["shadow"] = asdict(day)
    return json_response(answer)
