"""Whose fault a failed call is, and what follows: one table for fallback, breaker and log."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from .error_body import ErrorBody
from .fault import FaultKind, UpstreamFault
from .wire import CHAT


class Blame(StrEnum):
    """Whose fault it is."""

    UPSTREAM = "upstream"
    LOAD = "load"
    CONFIGURATION = "configuration"
    CAPABILITY = "capability"
    CLIENT = "client"
    NOBODY = "nobody"


class BreakerEffect(StrEnum):
    """What the upstream's breaker is told."""

    COUNTS = "counts"
    OPENS_FOR_WAIT = "opens for Retry-After"
    OPENS = "opens at once"
    NONE = "does not count"


class Rule(NamedTuple):
    """What follows from a fault.

    Attributes:
        asks_next: the next model is asked, before the first byte and where there is one.
        breaker: what the upstream's breaker is told.
        hands_on: the upstream's own status and message reach the client as they are.
        logs_message: its message is logged; a message about the request may repeat the prompt.
    """

    asks_next: bool
    breaker: BreakerEffect
    hands_on: bool = False
    logs_message: bool = False


RULES: Final = {
    Blame.UPSTREAM: Rule(True, BreakerEffect.COUNTS),
    Blame.LOAD: Rule(True, BreakerEffect.OPENS_FOR_WAIT, logs_message=True),
    Blame.CONFIGURATION: Rule(True, BreakerEffect.OPENS, logs_message=True),
    Blame.CAPABILITY: Rule(True, BreakerEffect.NONE, hands_on=True),
    Blame.CLIENT: Rule(False, BreakerEffect.NONE, hands_on=True),
    Blame.NOBODY: Rule(False, BreakerEffect.NONE),
}

BY_KIND: Final = {
    FaultKind.UNREACHABLE: Blame.UPSTREAM,
    FaultKind.TIMEOUT: Blame.UPSTREAM,
    FaultKind.GARBAGE: Blame.UPSTREAM,
    FaultKind.CUT: Blame.UPSTREAM,
    FaultKind.STALLED: Blame.UPSTREAM,
    FaultKind.UPSTREAM_ERROR: Blame.UPSTREAM,
    FaultKind.TOO_LARGE: Blame.NOBODY,
    FaultKind.TOO_LATE: Blame.NOBODY,
    FaultKind.EXHAUSTED: Blame.NOBODY,
}
"""Of faults without a status that is an error; the last three are the gateway's own limits."""

BY_STATUS: Final = {
    401: Blame.CONFIGURATION,
    402: Blame.CONFIGURATION,
    403: Blame.CONFIGURATION,
    404: Blame.CONFIGURATION,
    405: Blame.CONFIGURATION,
    407: Blame.CONFIGURATION,
    408: Blame.UPSTREAM,
    413: Blame.CAPABILITY,
    429: Blame.LOAD,
}
"""Of other statuses: 4xx the client's, all else the upstream's."""

ABSENT: Final = (404, 405, 501)
"""Statuses of an endpoint other than that of chats which a server has not got, so long as its words
do not speak of the model, the key or the account. The upstream serves chats all the same, and its
breaker, which is that of its chats, hears nothing of it."""

WORDED: Final = (400, 413, 415, 422, 500, 501)
"""Statuses whose fault the error's code or words can tell more exactly."""

CONFIGURATION_CODES: Final = (
    "model_not_found",
    "deploymentnotfound",
    "invalid_model",
    "invalid_api_key",
    "api_key_invalid",
    "authentication_error",
    "no_db_connection",  # what LiteLLM's proxy calls a key that it does not know
    "billing_not_active",
)
CAPABILITY_CODES: Final = (
    "context_length_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
    "request_too_large",
    "unsupported_parameter",
    "unsupported_value",
    "unsupported_content",
    "unsupported_media_type",
    "unsupported_file",
)
CONFIGURATION_WORDS: Final = re.compile(
    r"api[ _-]?key\b.{0,40}\b(invalid|not valid|incorrect|missing|expired)"
    r"|(invalid|incorrect|expired|missing).{0,20}\bapi[ _-]?key"
    r"|credit balance|insufficient (balance|credit|funds)|billing"
    r"|model\b.{0,120}?\b(not found|does not exist|doesn't exist|not exist|is not available)"
    r"|no such model|unknown model|invalid model\b"
    r"|^model: \S+$",  # Anthropic's 404
    re.IGNORECASE | re.DOTALL,
)
CAPABILITY_WORDS: Final = re.compile(
    r"context.{0,20}(length|window|size)|maximum.{0,20}(tokens|context|input length)"
    r"|too many (input )?tokens|(prompt|input|request|message)s?\b.{0,40}too (long|large)"
    r"|max_new_tokens|reduce the (length|prompt|number)|exceeds? the.{0,40}(token|context|length)"
    r"|(not|n't|only) support|unsupported|not a multimodal|is not multimodal"
    r"|at most 0 (image|audio|video)|requires? --jinja",
    re.IGNORECASE | re.DOTALL,
)


def assign_blame(fault: UpstreamFault) -> Blame:
    """Whose fault it is: by the kind, the code and words of the error, the status."""
    if fault.kind is not FaultKind.STATUS or fault.status is None:
        return BY_KIND[fault.kind]
    if lacks_endpoint(fault):
        return Blame.CAPABILITY
    if fault.status in WORDED:
        if fault.status < 500 and names_misconfiguration(fault.error):
            return Blame.CONFIGURATION
        if names_capability(fault.error):
            return Blame.CAPABILITY
    if fault.status in BY_STATUS:
        return BY_STATUS[fault.status]
    return Blame.CLIENT if 400 <= fault.status < 500 else Blame.UPSTREAM


def lacks_endpoint(fault: UpstreamFault) -> bool:
    """True where an upstream has not got an endpoint beside chats."""
    is_beside_chat = fault.path not in ("", CHAT.path)
    return is_beside_chat and fault.status in ABSENT and not names_misconfiguration(fault.error)


def names_misconfiguration(error: ErrorBody) -> bool:
    """True where the upstream does not take the model, the key or the account that it is given."""
    codes = {(error.code or "").lower(), (error.type or "").lower()}
    return bool(codes & set(CONFIGURATION_CODES) or CONFIGURATION_WORDS.search(error.message))


def names_capability(error: ErrorBody) -> bool:
    """True where another model may take what this one cannot: too long, or of a kind unknown."""
    codes = {(error.code or "").lower(), (error.type or "").lower()}
    return bool(codes & set(CAPABILITY_CODES) or CAPABILITY_WORDS.search(error.message))
