"""How numbers become a decision: policies, the gate, conformal p-values. Pure functions."""

from .decide import Gate, by_gate, by_policy
from .policy import Certificate, Estimate, Policy, Target

__all__ = [
    "Certificate",
    "Estimate",
    "Gate",
    "Policy",
    "Target",
    "by_gate",
    "by_policy",
]
