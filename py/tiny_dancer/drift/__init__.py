"""Two monitors of a certified policy: of the scores, which warn, and of the loss, which switch."""

from .drift import Drift, Evidence
from .monitors import Monitors

__all__ = ["Drift", "Evidence", "Monitors"]
