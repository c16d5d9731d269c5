"""How numbers become a decision: policies, the gate, the order of models. Pure functions."""

from .decide import Choice, decide
from .policy import Certificate, Estimate, Policy, Target
from .preference import LIGHT, POWERFUL
from .rule import Gate, Rule

__all__ = [
    "LIGHT",
    "POWERFUL",
    "Certificate",
    "Choice",
    "Estimate",
    "Gate",
    "Policy",
    "Rule",
    "Target",
    "decide",
]
