"""What a router remembers: candidates, decisions, outcomes, shared states, in four stores."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .outcome_fields import OutcomeFields
    from .readings.metrics import RoutingMetrics
    from .records import DecisionRecord, EventRecord, Outcome, OutcomeRecord, StateRecord
    from .records.statistics import Statistics
    from .storage import Storage
    from .stores.memory import MemoryStore
    from .stores.sqlite import SQLiteStore
    from .stores.store import HistoryStore, UnknownDecisionError, Versioned, record_outcome

__all__ = [
    "DecisionRecord",
    "EventRecord",
    "HistoryStore",
    "MemoryStore",
    "Outcome",
    "OutcomeFields",
    "OutcomeRecord",
    "RoutingMetrics",
    "SQLiteStore",
    "StateRecord",
    "Statistics",
    "Storage",
    "UnknownDecisionError",
    "Versioned",
    "record_outcome",
]


_PLACES: Final = {
    "outcome_fields": ("OutcomeFields",),
    "readings.metrics": ("RoutingMetrics",),
    "records": ("DecisionRecord", "EventRecord", "Outcome", "OutcomeRecord", "StateRecord"),
    "records.statistics": ("Statistics",),
    "storage": ("Storage",),
    "stores.memory": ("MemoryStore",),
    "stores.sqlite": ("SQLiteStore",),
    "stores.store": ("HistoryStore", "UnknownDecisionError", "Versioned", "record_outcome"),
}


def __getattr__(name: str) -> Any:
    """Load what is asked for: a router without a store needs a third of it, and no sqlite3."""
    for place, names in _PLACES.items():
        if name in names:
            return getattr(import_module(f".{place}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
