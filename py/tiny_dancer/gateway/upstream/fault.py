"""What can go wrong with a call of an upstream."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .error_body import ErrorBody
from .usage import Usage


class FaultKind(StrEnum):
    """What went wrong; the last three are limits of the gateway itself."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    STATUS = "status"
    GARBAGE = "garbage"
    CUT = "cut"
    STALLED = "stalled"
    UPSTREAM_ERROR = "upstream_error"
    TOO_LARGE = "too_large"
    TOO_LATE = "too_late"
    EXHAUSTED = "exhausted"


RETRIED: Final = (408, 429, 500, 502, 503, 504, 529)
"""Statuses after which the same call may go well a moment later."""


class UpstreamFault(Exception):
    """A call to an upstream failed.

    Args:
        kind: what went wrong.
        status: HTTP status, where there was one.
        retry_after_s: seconds the upstream asks to wait, within the gateway's limit.
        error: what the upstream says.
        headers: of its answer, those that are handed on.
        cause: what the host says of a connection, for the log.
        path: of the endpoint, behind the base URL, that answered with an error; empty where none.
        usage: tokens that the failed call used all the same, where it says so.
    """

    def __init__(
        self,
        kind: FaultKind,
        status: int | None = None,
        *,
        retry_after_s: float | None = None,
        error: ErrorBody | None = None,
        headers: Mapping[str, str] | None = None,
        cause: str = "",
        path: str = "",
        usage: Usage | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.retry_after_s = retry_after_s
        self.error = error if error is not None else ErrorBody()
        self.headers = dict(headers or {})
        self.cause = cause
        self.path = path
        self.usage = usage

    @property
    def is_retryable(self) -> bool:
        """True where the same upstream may be asked again at once.

        Not where it says when to come back, and not where an account is empty.
        """
        if self.retry_after_s is not None or self.error.code == "insufficient_quota":
            return False
        if self.kind is FaultKind.STATUS:
            return self.status in RETRIED
        return self.kind in (FaultKind.UNREACHABLE, FaultKind.CUT)

    @property
    def is_ambiguous(self) -> bool:
        """True for a 500: how many servers answer a request that they cannot digest."""
        return self.kind is FaultKind.STATUS and self.status == 500
