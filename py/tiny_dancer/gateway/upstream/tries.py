"""What was tried for a request before it failed, for the error that its client gets."""

from typing import Final

from ..config.upstream import Upstream
from ..http.api_error import ApiError
from .blame import RULES, Blame, assign_blame
from .fault import UpstreamFault
from .fault_response import to_api_error

RETRIED: Final = (Blame.UPSTREAM, Blame.LOAD, Blame.CONFIGURATION)
"""Whose faults may be over a while later."""

SOON_S: Final = 1.0
"""When to come back where no breaker is open: the next request may go well."""


class Tries:
    """The upstreams that were asked, and what each answered."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}
        self._last: tuple[UpstreamFault, Upstream] | None = None

    @property
    def is_empty(self) -> bool:
        """True where nobody was asked."""
        return self._last is None

    def add(self, upstream: Upstream, fault: UpstreamFault) -> None:
        """A call that failed."""
        told = str(fault.kind).replace("_", " ")
        self._told[upstream.name] = told if fault.status is None else f"status {fault.status}"
        self._last = fault, upstream

    def pass_by(self, upstream: Upstream) -> None:
        """An upstream that is not asked, or not again."""
        self._told.setdefault(upstream.name, "circuit breaker open")

    def build_error(self, wait_s: float | None) -> ApiError:
        """The error of the last call; it names all that were tried, and says when to come back.

        Args:
            wait_s: seconds until a breaker lets a call through; None where none is open.
        """
        assert self._last is not None
        error = to_api_error(*self._last)
        blame = assign_blame(self._last[0])
        if len(self._told) > 1 and RULES[blame].asks_next:
            tried = ", ".join(f"{name} ({told})" for name, told in self._told.items())
            error.add_words(f"Tried: {tried}.")
        if blame in RETRIED and "retry-after" not in error.headers:
            error.say_when(SOON_S if wait_s is None else wait_s)
        return error
