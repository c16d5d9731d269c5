"""How many connections the descriptors of this process suffice for."""

from dataclasses import replace
from typing import Final

from ..config.settings import Limits

RESERVE: Final = 64
"""Descriptors that are no connections: the store's files, the event loop, libraries, lookups."""

SHARE: Final = 4
"""For each connection: its own, one that is accepted before it can be closed, that of its upstream,
and one to an upstream that waits for the next request."""


def allow_descriptors(needed: int) -> int | None:
    """Descriptors that this process may have open, raised to `needed` if the system allows it.

    None where the host has no such bound.
    """
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    if soft == infinite or soft >= needed:
        return None if soft == infinite else soft
    wanted = needed if hard == infinite else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS has a bound of its own
        return soft
    return wanted


def fit_limits(limits: Limits) -> Limits:
    """The limits, with no more connections than there are descriptors for; at least one."""
    allowed = allow_descriptors(RESERVE + SHARE * limits.connections)
    if allowed is None:
        return limits
    most = max(1, (allowed - RESERVE) // SHARE)
    return replace(limits, connections=min(limits.connections, most))
