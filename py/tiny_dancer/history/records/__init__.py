"""What a history holds: candidates, decisions, outcomes, states, events, and their totals."""

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
