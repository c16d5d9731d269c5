"""Readings of a history as plain objects for JSON, with names as values and never as keys."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..records import DecisionRecord
from ..records.statistics import CandidateStatistics, ModelStatistics, Statistics
from .metrics import RoutingMetrics


def metrics_json(read: RoutingMetrics) -> dict[str, Any]:
    """Counters since a router began."""
    return {
        "total": read.total,
        "light": read.light,
        "light_share": read.light_share,
        "latency_us": [{"quantile": q, "us": us} for q, us in read.latency_us.items()],
        "decisions": [
            {"model": model, "reason": str(reason), "count": count}
            for (model, reason), count in read.decisions.items()
        ],
        "breakers": [{"model": model, "mode": mode} for model, mode in read.breakers.items()],
        "transitions": [
            {"model": model, "mode": mode, "count": count}
            for (model, mode), count in read.transitions.items()
        ],
        "outcomes": read.outcomes,
        "cost": read.cost,
        "money_saved": read.money_saved,
        "shadow_cost": read.shadow_cost,
        "judge_cost": read.judge_cost,
        "saved_on_asked": read.saved_on_asked,
        "dropped": read.dropped,
        "unknown_outcomes": read.unknown_outcomes,
        "refused": read.refused,
        "queued": read.queued,
        "store_failing": read.store_failing,
        "unreadable_policies": read.unreadable_policies,
        "drift": read.drift.to_dict() if read.drift is not None else None,
    }


def statistics_json(totals: Statistics) -> dict[str, Any]:
    """Totals of a store."""
    return {
        **asdict(totals),
        "lightweight_share": totals.lightweight_share,
        "models": _rated(totals.models),
        "candidates": _rated(totals.candidates),
    }


def decision_json(record: DecisionRecord) -> dict[str, Any]:
    """A decision without the inputs of the heads, which are bytes."""
    return {name: value for name, value in asdict(record).items() if name != "head_inputs"}


def _rated(rows: Sequence[ModelStatistics | CandidateStatistics]) -> list[dict[str, Any]]:
    return [{**asdict(row), "success_rate": row.success_rate} for row in rows]
