"""What has happened so far, from running totals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

MODEL_TOTALS: Final = (
    "model",
    "routes",
    "light",
    "latency_us",
    "timed",
    "outcomes",
    "cost",
    "saved",
    "tokens_in",
    "tokens_out",
    "scored",
    "successes",
    "shadow_cost",
    "judge_cost",
    "saved_on_asked",
)
"""Running totals of a model, in the order of the stores' rows."""

CANDIDATE_TOTALS: Final = ("candidate_id", "routes", "scored", "successes")
"""The same for a candidate."""

TOP_CANDIDATES: Final = 100
"""Candidates that statistics name: the most used ones."""

MAX_TOTAL: Final = (1 << 53) - 1
"""A total stops here and at its negative: more is not exact in JavaScript, much more overflows."""

COUNTED_MODELS: Final = 1_000
COUNTED_CANDIDATES: Final = 10_000
"""Names with totals of their own; later ones have none, but for stored candidates."""

COUNTED_OWNERS: Final = 10_000
"""The same for an owner's totals of a model."""

COUNTED_SCORES: Final = 500
"""The same for models that only a report names, so that made-up names leave room for real ones."""

GOOD: Final = 0.5
"""The least quality that counts as a success."""


@dataclass(frozen=True, slots=True)
class ModelStatistics:
    """What is known about one model.

    Attributes:
        model: its name.
        routes: decisions for it.
        scored: outcomes that say how well it answered, whether it was chosen or not.
        successes: those with a quality of at least 0.5.
        cost: what its calls cost.
        tokens_in: tokens of the prompts.
        tokens_out: tokens of the answers.
    """

    model: str
    routes: int
    scored: int
    successes: int
    cost: float
    tokens_in: int
    tokens_out: int

    @property
    def success_rate(self) -> float | None:
        """Share of successes among the scored; None where none is."""
        return self.successes / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class CandidateStatistics:
    """What is known about one candidate: as for a model."""

    candidate_id: str
    routes: int
    scored: int
    successes: int

    @property
    def success_rate(self) -> float | None:
        """Share of successes among the scored; None where none is."""
        return self.successes / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Totals since the store was made; records deleted for their age still count.

    Attributes:
        total_routes: decisions.
        lightweight_routes: those that did not go to the powerful model.
        average_latency_us: mean time of a decision in microseconds; None where none was timed.
        outcomes: decisions with an outcome.
        cost: what their calls cost.
        money_saved: what the powerful model would have cost, less what was paid, over the
            outcomes that say both; less `shadow_cost` and `judge_cost`.
        saved_on_asked: the same against the model that the client asked for.
        shadow_cost: what answers asked for comparison alone cost.
        judge_cost: what grading them cost.
        models: by model, in the order of their names.
        candidates: the 100 most used, most used first.
    """

    total_routes: int
    lightweight_routes: int
    average_latency_us: float | None
    outcomes: int
    cost: float
    money_saved: float
    shadow_cost: float
    judge_cost: float
    saved_on_asked: float
    models: tuple[ModelStatistics, ...]
    candidates: tuple[CandidateStatistics, ...]

    @property
    def lightweight_share(self) -> float | None:
        """Share of decisions that did not go to the powerful model; None before the first."""
        return self.lightweight_routes / self.total_routes if self.total_routes else None


def from_totals(models: Iterable[Sequence[Any]], candidates: Iterable[Sequence[Any]]) -> Statistics:
    """Statistics from rows of `MODEL_TOTALS` and `CANDIDATE_TOTALS`, in any order."""
    totals = [
        dict(zip(MODEL_TOTALS, row, strict=True)) for row in sorted(models, key=lambda row: row[0])
    ]
    timed = sum(t["timed"] for t in totals)
    by_use = sorted(
        (CandidateStatistics(*row) for row in candidates),
        key=lambda c: (-c.routes, c.candidate_id),
    )
    return Statistics(
        total_routes=sum(t["routes"] for t in totals),
        lightweight_routes=sum(t["light"] for t in totals),
        average_latency_us=sum(t["latency_us"] for t in totals) / timed if timed else None,
        outcomes=sum(t["outcomes"] for t in totals),
        cost=float(sum(t["cost"] for t in totals)),
        money_saved=float(sum(t["saved"] for t in totals)),
        shadow_cost=float(sum(t["shadow_cost"] for t in totals)),
        judge_cost=float(sum(t["judge_cost"] for t in totals)),
        saved_on_asked=float(sum(t["saved_on_asked"] for t in totals)),
        models=tuple(
            ModelStatistics(
                model=t["model"],
                routes=t["routes"],
                scored=t["scored"],
                successes=t["successes"],
                cost=float(t["cost"]),
                tokens_in=t["tokens_in"],
                tokens_out=t["tokens_out"],
            )
            for t in totals
        ),
        candidates=tuple(by_use[:TOP_CANDIDATES]),
    )
