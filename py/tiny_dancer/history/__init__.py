"""What the router remembers: candidates, decisions, outcomes, shared states, in four stores."""

from typing import TYPE_CHECKING, Any

from .memory import MemoryStore
from .records import DecisionRecord, EventRecord, Outcome, OutcomeRecord, StateRecord
from .statistics import Statistics
from .store import HistoryStore, UnknownDecisionError, Versioned, record_outcome

if TYPE_CHECKING:
    from .sqlite import SQLiteStore
    from .storage import Storage

__all__ = [
    "DecisionRecord",
    "EventRecord",
    "HistoryStore",
    "MemoryStore",
    "Outcome",
    "OutcomeRecord",
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
        from .sqlite import SQLiteStore

        return SQLiteStore
    if name == "Storage":
        from .storage import Storage

        return Storage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
