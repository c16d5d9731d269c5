"""Spans of a router's decisions, in OpenTelemetry's form (extra `otel`).

Without a call of `instrument` nothing of OpenTelemetry is imported and nothing is slower.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from opentelemetry import trace

from ..response import RoutingResponse
from ..router import Router


def instrument(router: Router, tracer_provider: Any = None) -> Callable[[], None]:
    """What ends it again: until then each `router.route` makes a span `tiny_dancer.route`.

    A span is the child of the one that runs. It holds the decision, and nothing of the prompt.

    Args:
        router: whose decisions are traced.
        tracer_provider: of OpenTelemetry; the global one where None.
    """
    route, tracer = router.route, trace.get_tracer("tiny_dancer", tracer_provider=tracer_provider)

    @wraps(route)
    def traced(*args: Any, **options: Any) -> RoutingResponse:
        with tracer.start_as_current_span("tiny_dancer.route") as span:
            response = route(*args, **options)
            span.set_attributes(describe(response))
            return response

    router.route = traced  # type: ignore[method-assign]

    def end() -> None:
        router.route = route  # type: ignore[method-assign]

    return end


def describe(response: RoutingResponse) -> dict[str, str | float | bool]:
    """The attributes of a decision; what is not known is left out."""
    values: dict[str, str | float | bool | None] = {
        "decision": response.model,
        "decision_id": response.decision_id,
        "reason": str(response.reason),
        "use_lightweight": response.use_lightweight,
        "confidence": response.confidence,
        "uncertainty": response.uncertainty,
        "score": response.score,
        "threshold": response.threshold,
        "policy": response.policy_id,
        "bundle_hash": response.bundle_hash,
        "candidates": response.candidates_processed,
    }
    return {f"tiny_dancer.{name}": one for name, one in values.items() if one is not None}
