"""Running totals in memory: the same arithmetic as the triggers of schema.py."""

from collections.abc import Container, Mapping
from typing import Any, TypeAlias

from ..records import DecisionRecord, OutcomeRecord
from ..records.statistics import (
    CANDIDATE_TOTALS,
    COUNTED_CANDIDATES,
    COUNTED_MODELS,
    COUNTED_OWNERS,
    COUNTED_SCORES,
    GOOD,
    MAX_TOTAL,
    MODEL_TOTALS,
    Statistics,
    from_totals,
)

_Table: TypeAlias = dict[str, dict[str, Any]]


class MemoryTotals:
    """Totals by model and by candidate.

    Args:
        candidates: stored ones by name; these are always counted.
    """

    def __init__(self, candidates: Container[str]) -> None:
        """Start at zero."""
        self._stored = candidates
        self._models: _Table = {}
        self._owners: dict[str, _Table] = {}
        self._candidates: _Table = {}

    def read(self, owner: str | None = None) -> Statistics:
        """What was counted; of an owner alone, without candidates."""
        if owner is not None:
            models = self._owners.get(owner, {})
            return from_totals([(name, *total.values()) for name, total in models.items()], ())
        return from_totals(
            [(name, *total.values()) for name, total in self._models.items()],
            [(name, *total.values()) for name, total in self._candidates.items()],
        )

    def count_decision(self, record: DecisionRecord) -> None:
        """Count a decision."""
        numbers = {
            "routes": 1,
            "light": int(record.use_lightweight),
            "latency_us": record.inference_time_us or 0.0,
            "timed": int(record.inference_time_us is not None),
        }
        self._count_model(record.model, numbers, COUNTED_MODELS)
        self._count_owner(record.owner, record.model, numbers)
        if record.candidate_id is not None:
            self._count_candidate(record.candidate_id, {"routes": 1})

    def count_outcome(self, record: OutcomeRecord, sign: int) -> None:
        """Count an outcome; with -1 take it back."""
        cost, powerful = record.cost, record.cost_powerful
        has_both = cost is not None and powerful is not None
        shadow, judge = record.shadow_cost or 0.0, record.judge_cost or 0.0
        saved = (powerful or 0.0) - (cost or 0.0) if has_both else 0.0
        asked = record.cost_asked
        on_asked = asked - cost if asked is not None and cost is not None else 0.0
        numbers = {
            "outcomes": sign,
            "cost": sign * (cost or 0.0),
            "saved": sign * (saved - shadow - judge),
            "tokens_in": sign * (record.tokens_in or 0),
            "tokens_out": sign * (record.tokens_out or 0),
            "shadow_cost": sign * shadow,
            "judge_cost": sign * judge,
            "saved_on_asked": sign * (on_asked - shadow - judge),
        }
        self._count_model(record.model, numbers, COUNTED_MODELS)
        self._count_owner(record.owner, record.model, numbers)
        for model, quality in record.scores.items():
            scored = {"scored": sign, "successes": sign * (quality >= GOOD)}
            self._count_model(model, scored, COUNTED_SCORES)
            if model == record.model and record.candidate_id is not None:
                self._count_candidate(record.candidate_id, scored)

    def _count_model(self, name: str, numbers: Mapping[str, float], most: int) -> None:
        if name in self._models or len(self._models) < most:
            _add(self._models, MODEL_TOTALS, name, numbers)

    def _count_owner(self, owner: str | None, model: str, numbers: Mapping[str, float]) -> None:
        if owner is None:
            return
        models = self._owners.setdefault(owner, {})
        if model in models or sum(map(len, self._owners.values())) < COUNTED_OWNERS:
            _add(models, MODEL_TOTALS, model, numbers)

    def _count_candidate(self, name: str, numbers: Mapping[str, float]) -> None:
        known = name in self._candidates or name in self._stored
        if known or len(self._candidates) < COUNTED_CANDIDATES:
            _add(self._candidates, CANDIDATE_TOTALS, name, numbers)


def _add(table: _Table, columns: tuple[str, ...], name: str, numbers: Mapping[str, float]) -> None:
    total = table.setdefault(name, dict.fromkeys(columns[1:], 0))
    for column, number in numbers.items():
        total[column] = max(min(total[column] + number, MAX_TOTAL), -MAX_TOTAL)
