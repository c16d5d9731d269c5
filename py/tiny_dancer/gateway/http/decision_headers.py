"""Response headers that say what was decided."""

from typing import Final
from urllib.parse import quote

from ...response import RoutingResponse
from ..upstream.upstream import Upstream
from ..upstream.usage import Usage

PREFIX: Final = "x-tiny-dancer-"

PLAIN: Final = " !#$&'()*+,/:;=?@[]"
"""Beside letters and digits; what else a bundle calls its models is percent-encoded in a header."""


def decision_headers(
    response: RoutingResponse, served_by: Upstream | None = None
) -> dict[str, str]:
    """The headers of a decision; what is not known is left out."""
    values = {
        "decision": response.model,
        "reason": str(response.reason),
        "confidence": _number(response.confidence),
        "uncertainty": _number(response.uncertainty),
        "policy": response.policy_id,
        "decision-id": response.decision_id,
        "served-by": served_by.name if served_by is not None else None,
    }
    return {
        PREFIX + name: quote(value, safe=PLAIN)
        for name, value in values.items()
        if value is not None
    }


def cost_header(upstream: Upstream, usage: Usage | None) -> dict[str, str]:
    """What the call cost, where that is known."""
    if upstream.price is None or usage is None:
        return {}
    return {PREFIX + "cost": f"{upstream.price.cost(*usage):.9g}"}


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"
