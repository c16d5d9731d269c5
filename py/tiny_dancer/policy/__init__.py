"""How numbers become a decision: policies, the gate, conformal p-values. Pure functions."""

from .breaker_state import BreakerState, Mode
from .conformal import Calibration
from .decide import Gate, by_gate, by_policy
from .policy import Certificate, Estimate, Policy, Target

__all__ = [
    "BreakerState",
    "Calibration",
    "Certificate",
    "Estimate",
    "Gate",
    "Mode",
    "Policy",
    "Target",
    "by_gate",
    "by_policy",
]
