"""What a router has done since it started, counted in memory: the same on every host."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...breaker.state import Mode

if TYPE_CHECKING:
    from ...drift import Drift
    from ..records import Outcome

BOUNDS_US: Final = tuple(float(digit * 10**power) for power in range(6) for digit in (1, 2, 5))
"""Upper bounds of the latency histogram's buckets in microseconds: 1, 2, 5, 10 … 500,000."""

QUANTILES: Final = (0.5, 0.9, 0.99)


@dataclass(frozen=True, slots=True)
class RoutingMetrics:
    """A reading of the counters.

    Attributes:
        decisions: by model and reason.
        light: decisions that did not go to the powerful model.
        latency_counts: decisions in each bucket of `BOUNDS_US`, and those beyond the last.
        latency_sum_us: sum of the timed decisions, in microseconds.
        breakers: mode by model; empty where breakers are off.
        transitions: changes of a breaker's mode by model and mode reached, seen by this process.
        cost: what the reported calls cost.
        money_saved: what the powerful model would have cost, less what was paid, over the outcomes
            that say both; less `shadow_cost` and `judge_cost`.
        saved_on_asked: the same against the model that the client asked for.
        outcomes: outcomes taken.
        dropped: decisions pushed out of a full queue.
        unknown_outcomes: outcomes whose decision the store did not hold.
        refused: decisions and outcomes that the store does not keep for what they are.
        queued: records that wait to be stored.
        store_failing: True while the last write failed.
        shadow_cost: what answers asked for comparison alone cost.
        judge_cost: what grading them cost.
        drift: monitors of the certified policy in service; None where there is none.
        unreadable_policies: stored policies that could not be read; their bundles decide for the
            powerful model.
    """

    decisions: Mapping[tuple[str, str], int]
    light: int
    latency_counts: tuple[int, ...]
    latency_sum_us: float
    breakers: Mapping[str, Mode]
    transitions: Mapping[tuple[str, Mode], int]
    cost: float
    money_saved: float
    outcomes: int
    dropped: int = 0
    unknown_outcomes: int = 0
    refused: int = 0
    queued: int = 0
    store_failing: bool = False
    shadow_cost: float = 0.0
    judge_cost: float = 0.0
    saved_on_asked: float = 0.0
    drift: "Drift | None" = None
    unreadable_policies: int = 0

    @property
    def total(self) -> int:
        """Decisions."""
        return sum(self.decisions.values())

    @property
    def light_share(self) -> float | None:
        """Share of decisions that did not go to the powerful model; None before the first."""
        return self.light / self.total if self.total else None

    @property
    def latency_us(self) -> dict[float, float | None]:
        """Quantiles of the time of a decision in microseconds, from the histogram."""
        return {q: self.latency_quantile(q) for q in QUANTILES}

    def latency_quantile(self, q: float) -> float | None:
        """Time that a share q of the decisions did not exceed, in microseconds.

        Linear within a bucket, at most the last bound; None where nothing was timed.
        """
        n = sum(self.latency_counts)
        if not n:
            return None
        below, rank = 0, q * n
        for bucket, count in enumerate(self.latency_counts[:-1]):
            if count and below + count >= rank:
                low = BOUNDS_US[bucket - 1] if bucket else 0.0
                return low + (BOUNDS_US[bucket] - low) * (rank - below) / count
            below += count
        return BOUNDS_US[-1]


class RoutingCounters:
    """Counts decisions, outcomes and changes of breakers."""

    def __init__(self) -> None:
        """Start at zero."""
        self._decisions: Counter[tuple[str, str]] = Counter()
        self._light = 0
        self._latency = [0] * (len(BOUNDS_US) + 1)
        self._latency_sum = 0.0
        self._transitions: Counter[tuple[str, Mode]] = Counter()
        self._outcomes = 0
        self._cost = 0.0
        self._saved = 0.0
        self._shadow_cost = 0.0
        self._judge_cost = 0.0
        self._on_asked = 0.0

    def count_decision(
        self, model: str, reason: str, use_lightweight: bool, latency_us: float | None
    ) -> None:
        """Count a decision and the microseconds it took, if known."""
        self._decisions[model, reason] += 1
        self._light += use_lightweight
        if latency_us is not None:
            self._latency[bisect_left(BOUNDS_US, latency_us)] += 1
            self._latency_sum += latency_us

    def count_outcome(self, outcome: "Outcome") -> None:
        """Count an outcome and its money, if known."""
        self._outcomes += 1
        cost, cost_powerful = outcome.cost, outcome.cost_powerful
        shadow_cost, judge_cost = outcome.shadow_cost or 0.0, outcome.judge_cost or 0.0
        self._cost += cost or 0.0
        self._shadow_cost += shadow_cost
        self._judge_cost += judge_cost
        self._saved -= shadow_cost + judge_cost
        self._on_asked -= shadow_cost + judge_cost
        if cost is not None and outcome.cost_asked is not None:
            self._on_asked += outcome.cost_asked - cost
        if cost is not None and cost_powerful is not None:
            self._saved += cost_powerful - cost

    def count_transition(self, model: str, mode: Mode) -> None:
        """Count a change of a breaker's mode."""
        self._transitions[model, mode] += 1

    def read(
        self,
        breakers: Mapping[str, Mode],
        *,
        dropped: int = 0,
        unknown_outcomes: int = 0,
        refused: int = 0,
        queued: int = 0,
        store_failing: bool = False,
        drift: "Drift | None" = None,
        unreadable_policies: int = 0,
    ) -> RoutingMetrics:
        """A reading, together with what breakers and writer say."""
        return RoutingMetrics(
            decisions=dict(self._decisions),
            light=self._light,
            latency_counts=tuple(self._latency),
            latency_sum_us=self._latency_sum,
            breakers=dict(breakers),
            transitions=dict(self._transitions),
            cost=self._cost,
            money_saved=self._saved,
            outcomes=self._outcomes,
            dropped=dropped,
            unknown_outcomes=unknown_outcomes,
            refused=refused,
            queued=queued,
            store_failing=store_failing,
            shadow_cost=self._shadow_cost,
            judge_cost=self._judge_cost,
            saved_on_asked=self._on_asked,
            drift=drift,
            unreadable_policies=unreadable_policies,
        )
