"""GET /healthz and /readyz: does the process answer, and can it serve?"""

from typing import TYPE_CHECKING

from ...errors import StoreError
from ..http.request import Request
from ..http.response import Response, json_response

if TYPE_CHECKING:
    from ..gateway import Gateway


async def check_health(gateway: "Gateway", request: Request) -> Response:
    """The process answers."""
    return json_response({"status": "ok"})


async def check_readiness(gateway: "Gateway", request: Request) -> Response:
    """There is a bundle, and the store takes what is written; 503 else.

    With a certified policy in service `drift` is `steady`, `warning` or `alarm`: it still serves.
    So it does where the stored `policy` or the `drift_evidence` is `unreadable`: by the powerful
    model alone.
    """
    metrics = gateway.router.metrics()
    try:
        await gateway.store.probe()
        has_store = not metrics.store_failing
    except StoreError:
        has_store = False
    facts = {"bundle": gateway.router.bundle is not None, "store": has_store}
    is_ready = all(facts.values())
    drift = gateway.router.drift()
    note = {"drift": str(drift.state)} if drift is not None else {}
    note |= {"drift_evidence": "unreadable"} if drift is not None and drift.is_unreadable else {}
    note |= {"policy": "unreadable"} if metrics.unreadable_policies else {}
    return json_response({"ready": is_ready, **facts, **note}, 200 if is_ready else 503)
