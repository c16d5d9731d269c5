"""Responses made by hand, for tests of what is done with them."""

from types import SimpleNamespace
from typing import Any

from tiny_dancer import Reason, RoutingResponse
from tiny_dancer.response import NUMBERS

MODELS = ("light", "powerful")


def make_response(decision_id: str, model: str, reason: Reason, **numbers: Any) -> RoutingResponse:
    """A response without numbers but those given."""
    plain = dict.fromkeys(NUMBERS) | {"models": MODELS, "n_tokens": 0, "decisions": ()}
    return RoutingResponse(decision_id, model, reason, SimpleNamespace(**{**plain, **numbers}))
