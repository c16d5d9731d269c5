"""Decides in microseconds whether a cheap language model is good enough for a prompt."""

from .candidate import Candidate
from .config import RouterConfig
from .errors import BundleError, InvalidInputError, KernelError, PolicyError, TinyDancerError
from .packed import PackedCandidates
from .policy import Policy
from .router import Router
from .types import Reason, RoutingDecision, RoutingRequest, RoutingResponse

__all__ = [
    "BundleError",
    "Candidate",
    "InvalidInputError",
    "KernelError",
    "PackedCandidates",
    "Policy",
    "PolicyError",
    "Reason",
    "Router",
    "RouterConfig",
    "RoutingDecision",
    "RoutingRequest",
    "RoutingResponse",
    "TinyDancerError",
]
