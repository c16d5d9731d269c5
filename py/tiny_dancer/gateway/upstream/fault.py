"""What can go wrong with an upstream, and what a client is told then."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from ..http.api_error import ApiError
from ..http.message import Response
from .upstream import Upstream

_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DATE: Final = re.compile(r"\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")


class FaultKind(StrEnum):
    """What went wrong."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    STATUS = "status"
    GARBAGE = "garbage"
    HUGE = "huge"
    CUT = "cut"
    STALLED = "stalled"
    UPSTREAM_ERROR = "upstream_error"


_WORDS: Final = {
    FaultKind.UNREACHABLE: "could not be reached",
    FaultKind.TIMEOUT: "did not answer in time",
    FaultKind.STATUS: "answered with HTTP status {status}",
    FaultKind.GARBAGE: "answered with what is not of the OpenAI API",
    FaultKind.HUGE: "answered with more bytes than the gateway's limit",
    FaultKind.CUT: "broke off in the middle of the answer",
    FaultKind.STALLED: "stopped in the middle of the answer",
    FaultKind.UPSTREAM_ERROR: "reported an error in the middle of the answer",
}


class UpstreamFault(Exception):
    """A call to an upstream failed.

    Args:
        kind: what went wrong.
        status: HTTP status, where there was one.
        retry_after_s: seconds the upstream asks to wait.
        body: of a 4xx that is the client's fault, to hand on.
    """

    def __init__(
        self,
        kind: FaultKind,
        status: int | None = None,
        retry_after_s: float | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status
        self.retry_after_s = retry_after_s
        self.body = body

    @property
    def is_clients(self) -> bool:
        """True for a 4xx that another upstream would answer with as well."""
        keys = (401, 402, 403, 407, 408, 429)  # about the gateway's account and its load
        return self.status is not None and 400 <= self.status < 500 and self.status not in keys

    @property
    def is_passing(self) -> bool:
        """True where the same call may go well a moment later."""
        if self.kind is FaultKind.STATUS:
            return self.status in (408, 429, 500, 502, 503, 504)
        return self.kind in (FaultKind.UNREACHABLE, FaultKind.CUT)

    def error(self, upstream: Upstream) -> ApiError:
        """What the client is told where nobody else can answer."""
        if self.status == 429:
            status = 429
        else:
            status = 504 if self.kind in (FaultKind.TIMEOUT, FaultKind.STALLED) else 502
        return ApiError(
            status,
            f"Upstream {upstream.name} {_WORDS[self.kind].format(status=self.status)}.",
            code=f"upstream_{self.kind}",
            retry_after_s=self.retry_after_s,
        )


def refusal(fault: UpstreamFault, headers: Mapping[str, str] | None = None) -> Response:
    """An upstream's 4xx, handed on: what the client sent is not right."""
    if fault.body.lstrip()[:1] == b"{":
        kind = {"content-type": "application/json"}
        return Response(fault.status or 400, {**kind, **(headers or {})}, fault.body)
    error = ApiError(fault.status or 400, "The upstream refuses the request.", headers=headers)
    return error.response


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that an upstream asks to wait, from `retry-after` as seconds or as a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii() and len(value) < 10:
        return float(value)
    match = _DATE.fullmatch(value)
    if match is None or match[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    try:
        at = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return max(0.0, at.timestamp() - now)
