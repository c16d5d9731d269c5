"""GET /v1/stats, /metrics, /healthz and /readyz."""

from dataclasses import asdict
from typing import Any

from ...errors import StoreError
from ...history.readings.prometheus import CONTENT_TYPE, render
from ..context import Context
from ..http.message import Request, Response, json_response


async def stats(context: Context, request: Request, caller: str) -> Response:
    """Totals of the store, which all processes share, and the breakers as this one sees them.

    On CPython a thread writes to the store, so the last fifth of a second may be missing.
    """
    await context.router.drain()
    totals = await context.store.statistics()
    metrics = context.router.metrics()
    answer: dict[str, Any] = {"lightweight_share": totals.lightweight_share, **asdict(totals)}
    answer["breakers"] = {
        one.name: str(metrics.breakers.get(one.breaker, "closed"))
        for one in context.config.upstreams
    }
    bundle = context.router.bundle
    answer["bundle_hash"] = bundle.bundle_hash if bundle is not None else None
    return json_response(answer)


async def metrics(context: Context, request: Request, caller: str) -> Response:
    """This process's counters for Prometheus."""
    text = render(context.router.metrics()) + context.counts.render()
    return Response(200, {"content-type": CONTENT_TYPE}, text.encode())


async def healthy(context: Context, request: Request, caller: str) -> Response:
    """The process answers."""
    return json_response({"status": "ok"})


async def ready(context: Context, request: Request, caller: str) -> Response:
    """There is a bundle, and the store takes what is written; 503 else."""
    try:
        await context.store.probe()
        stored = not context.router.metrics().store_failing
    except StoreError:
        stored = False
    facts = {"bundle": context.router.bundle is not None, "store": stored}
    fits = all(facts.values())
    return json_response({"ready": fits, **facts}, 200 if fits else 503)
