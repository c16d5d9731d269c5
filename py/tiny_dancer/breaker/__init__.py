"""Circuit breakers: a pure function of state, event and time, and what processes share of it."""

from .events import CallFields, Report
from .lease import Lease
from .state import Mode

__all__ = ["CallFields", "Lease", "Mode", "Report"]
