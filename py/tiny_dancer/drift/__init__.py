"""Two monitors of a certified policy: of the scores, which warn, and of the loss, which switch."""

from .drift import RATE, Drift, Evidence
from .monitors import Monitors

__all__ = ["RATE", "Drift", "Evidence", "Monitors"]
