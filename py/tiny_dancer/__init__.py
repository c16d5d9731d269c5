"""Decides in microseconds whether a cheap language model is good enough for a prompt."""

from .config import RouterConfig
from .errors import BundleError, InvalidInputError, KernelError, PolicyError, TinyDancerError
from .policy import Policy
from .router import Router
from .types import Reason, RoutingRequest, RoutingResponse

__all__ = [
    "BundleError",
    "InvalidInputError",
    "KernelError",
    "Policy",
    "PolicyError",
    "Reason",
    "Router",
    "RouterConfig",
    "RoutingRequest",
    "RoutingResponse",
    "TinyDancerError",
]
