"""What a router remembers: candidates, decisions, outcomes, shared states, in four stores."""

from typing import TYPE_CHECKING, Any

from .readings.metrics import RoutingMetrics
from .records import DecisionRecord, EventRecord, Outcome, OutcomeRecord, StateRecord
from .records.outcome import OutcomeFields
from .records.statistics import Statistics
from .stores.memory import MemoryStore
from .stores.store import HistoryStore, UnknownDecisionError, Versioned, record_outcome

if TYPE_CHECKING:
    from .storage import Storage
    from .stores.sqlite import SQLiteStore

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


def __getattr__(name: str) -> Any:
    """Load sqlite3 only for those who ask for it."""
    if name == "SQLiteStore":
        from .stores.sqlite import SQLiteStore

        return SQLiteStore
    if name == "Storage":
        from .storage import Storage

        return Storage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
