"""How numbers become a decision: policies, the gate, the order of models. Pure functions."""

from .decide import Choice, decide
from .policy import Certificate, Estimate, Policy, Target
from .rule import Gate, Rule

__all__ = ["Certificate", "Choice", "Estimate", "Gate", "Policy", "Rule", "Target", "decide"]
