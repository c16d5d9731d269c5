"""Response headers that say what was decided."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from ...policy import Choice
from ...response import RoutingResponse
from ..config.upstream import Upstream
from .choice import Switch
from .session import Session

PREFIX: Final = "x-tiny-dancer-"

PLAIN: Final = " !#$&'()*+,/:;=?@[]"
"""Beside letters and digits; what else a bundle calls its models is percent-encoded in a header."""


def build_decision_headers(
    response: RoutingResponse,
    model: str,
    served_by: Upstream | None = None,
    would: Choice | None = None,
    switched: Switch | None = None,
    session: Session | None = None,
) -> dict[str, str]:
    """The headers of a decision; what is not known is left out.

    Args:
        response: as it is recorded, for the model that served.
        model: the one that was chosen; another after a fallback.
        served_by: the upstream that answered.
        would: what the policy would have chosen, where it only observes.
        switched: why another model served than before, or than was chosen.
        session: that the request is of.
    """
    values = {
        "decision": model,
        "reason": str(response.reason),
        "would": would.model if would is not None else None,
        "confidence": _format(response.confidence),
        "uncertainty": _format(response.uncertainty),
        "policy": response.policy_id,
        "decision-id": response.decision_id,
        "served-by": served_by.name if served_by is not None else None,
        "switched": switched,
        "session": session.name if session is not None else None,
    }
    return {
        PREFIX + name: quote(value, safe=PLAIN)
        for name, value in values.items()
        if value is not None
    }


def build_dropped_header(dropped: Sequence[str]) -> dict[str, str]:
    """Names of the fields that the upstream did not get, where there are any."""
    return {PREFIX + "dropped": ", ".join(dropped)} if dropped else {}


def build_cost_header(cost: float | None) -> dict[str, str]:
    """What the request cost, where that is known."""
    return {} if cost is None else {PREFIX + "cost": f"{cost:.9g}"}


def _format(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"
