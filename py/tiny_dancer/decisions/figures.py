"""What the router knows of a decision, beside what an interface wants to hear."""

from typing import Any

from ..response import RoutingResponse


def describe_figures(response: RoutingResponse) -> dict[str, Any]:
    """JSON-ready: the calibrated figures, the reason, and the id for outcomes."""
    return {
        "confidence": response.confidence,
        "uncertainty": response.uncertainty,
        "interval": list(response.interval) if response.interval else None,
        "score": response.score,
        "reason": str(response.reason),
        "decision_id": response.decision_id,
    }
