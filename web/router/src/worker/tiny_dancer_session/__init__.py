"""What the tab's worker calls: numbers, text and bytes in, JSON out.

So no Python object is left to free.
Vectors come as one buffer of float32; the JSON says where one belongs by how many numbers it has.
"""

from .breaker import (
    circuit_breaker_status,
    lease,
    metrics,
    record_outcome,
    report,
    retry_after_s,
)
from .decisions import decide
from .history import delete_all, drain, export_history, flush, history, import_history, stats
from .routers import close_router, inspect, open_router, reload_model
from .routing import (
    embed,
    remove_candidate,
    route,
    route_many,
    route_request,
    score,
    set_candidates,
    update_candidate,
)
from .trust import acknowledge_drift, adapt, calibrate, drift, explain, make_report, replay

__all__ = [
    "acknowledge_drift",
    "adapt",
    "calibrate",
    "circuit_breaker_status",
    "close_router",
    "decide",
    "delete_all",
    "drain",
    "drift",
    "embed",
    "explain",
    "export_history",
    "flush",
    "history",
    "import_history",
    "inspect",
    "lease",
    "make_report",
    "metrics",
    "open_router",
    "record_outcome",
    "reload_model",
    "remove_candidate",
    "replay",
    "report",
    "retry_after_s",
    "route",
    "route_many",
    "route_request",
    "score",
    "set_candidates",
    "stats",
    "update_candidate",
]
