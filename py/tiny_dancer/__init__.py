"""Decides in microseconds whether a cheap language model is good enough for a prompt."""

from .candidates.candidate import Candidate
from .candidates.packed_candidates import PackedCandidates
from .config import RouterConfig
from .errors import BundleError, InvalidInputError, KernelError, PolicyError, TinyDancerError
from .policy import Policy
from .request import RoutingRequest
from .response import Reason, RoutingDecision, RoutingResponse
from .router import Router

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
