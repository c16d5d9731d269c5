"""What a history holds: candidates, decisions, outcomes, states, events, and their totals."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .decision import DecisionRecord
    from .outcome import COPIED, REPORTED, Outcome, OutcomeRecord
    from .state import EventRecord, StateRecord

__all__ = [
    "COPIED",
    "REPORTED",
    "DecisionRecord",
    "EventRecord",
    "Outcome",
    "OutcomeRecord",
    "StateRecord",
]

_PLACES: Final = {
    "decision": ("DecisionRecord",),
    "outcome": ("COPIED", "REPORTED", "Outcome", "OutcomeRecord"),
    "state": ("EventRecord", "StateRecord"),
}


def __getattr__(name: str) -> Any:
    """Load what is asked for: a router without a store makes no record."""
    for place, names in _PLACES.items():
        if name in names:
            return getattr(import_module(f".{place}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
