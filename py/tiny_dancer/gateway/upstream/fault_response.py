"""What a client is told of an upstream's fault."""

from typing import Final

from ..config.upstream import Upstream
from ..http.api_error import ApiError
from .blame import RULES, Blame, assign_blame, lacks_endpoint
from .fault import FaultKind, UpstreamFault

_WORDS: Final = {
    FaultKind.UNREACHABLE: "could not be reached",
    FaultKind.TIMEOUT: "did not answer in time",
    FaultKind.STATUS: "answered with HTTP status {status}",
    FaultKind.GARBAGE: "answered with what is not of the OpenAI API",
    FaultKind.CUT: "broke off in the middle of the answer",
    FaultKind.STALLED: "stopped in the middle of the answer",
    FaultKind.UPSTREAM_ERROR: "reported an error in the middle of the answer",
    FaultKind.TOO_LARGE: "answered with more bytes than limits.answer_bytes or limits.event_bytes",
    FaultKind.TOO_LATE: "had no time left of limits.deadline_s or limits.stream_s",
    FaultKind.EXHAUSTED: "was not asked: the gateway has no connection left",
}
_STATUS: Final = {
    FaultKind.TIMEOUT: 504,
    FaultKind.STALLED: 504,
    FaultKind.TOO_LATE: 504,
    FaultKind.EXHAUSTED: 503,
}
SILENT: Final = (401, 403, 407)
"""Statuses whose message is about the gateway's own key, and so not for its clients."""


def to_api_error(fault: UpstreamFault, upstream: Upstream) -> ApiError:
    """The error for the client, with the upstream's own message, type and code."""
    error, rule = fault.error, RULES[assign_blame(fault)]
    if rule.hands_on:
        status = fault.status if fault.status is not None and fault.status < 500 else 400
        message, code = error.message or "The upstream refuses the request.", error.code
        if lacks_endpoint(fault):
            message = f"Upstream {upstream.name} does not serve /{fault.path}: {message}"
            code = code or "endpoint_not_served"
        return ApiError(
            status,
            message,
            kind=error.type,
            code=code,
            param=error.param,
            headers=fault.headers,
            rest=error.rest,
        )
    error = error.redact(upstream.key)
    message = f"Upstream {upstream.name} {_WORDS[fault.kind].format(status=fault.status)}"
    if error.message and fault.status not in SILENT:
        message = f"{message}: {error.message}"
    is_load = assign_blame(fault) is Blame.LOAD
    return ApiError(
        429 if is_load else _STATUS.get(fault.kind, 502),
        message if message.endswith((".", "!", "?")) else f"{message}.",
        kind=error.type,
        code=error.code or f"upstream_{fault.kind}",
        retry_after_s=1.0 if fault.kind is FaultKind.EXHAUSTED else fault.retry_after_s,
        headers=fault.headers,
    )
