"""All that a history says about its router, read in one pass over it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Final

from ..calibration.paired_outcome import PairedOutcome, select_distinct
from ..history import HistoryStore
from ..history.readings.paired_outcomes import check_two, pair_of
from ..history.records import DecisionRecord, OutcomeRecord
from ..history.records.codec import from_row
from .traffic import Traffic

PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Money:
    """Sums over outcomes, in the unit of the prices.

    Attributes:
        cost: of the answers that clients got.
        gross: what the powerful model would have cost beyond that, where both are known.
        shadow: of the answers asked for comparison alone.
        judge: of grading them.
        unpriced: outcomes whose cost is not known.
        priced: outcomes of which some amount is known; the sums say nothing where there is none.
    """

    cost: float = 0.0
    gross: float = 0.0
    shadow: float = 0.0
    judge: float = 0.0
    unpriced: int = 0
    priced: int = 0

    @property
    def net(self) -> float:
        """What was saved, shadow and judge paid."""
        return self.gross - self.shadow - self.judge

    def tell(self, amount: float) -> str:
        """One of the sums for a person: `not known` where nothing has a price."""
        return f"{amount + 0.0:,.6g}" if self.priced else "not known"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to report on.

    Attributes:
        models: names of the light and of the powerful model.
        traffic: decisions.
        pairs: paired outcomes of distinct prompts.
        sources: how many pairs were marked by whom, as `graded_by` says.
        money: sums.
        latency_ms: by model, milliseconds of the answers that clients got, sorted.
        foreign: outcomes that another bundle scored, and that count for nothing.
        skipped: pairs of the last day of the shadow that its bound of money stopped.
        repeated: graded pairs of a prompt that had one before.
    """

    models: tuple[str, ...]
    traffic: Traffic = field(default_factory=Traffic)
    pairs: Sequence[PairedOutcome] = ()
    sources: Counter[str] = field(default_factory=Counter)
    money: Money = field(default_factory=Money)
    latency_ms: dict[str, list[float]] = field(default_factory=dict)
    foreign: int = 0
    skipped: int = 0
    repeated: int = 0

    @property
    def ungraded(self) -> int:
        """Pairs that nobody could grade: the worst case for every certificate."""
        return sum(pair.quality is None for pair in self.pairs)


async def read_evidence(
    store: HistoryStore, bundle_hash: str, models: Sequence[str], since: float = 0.0
) -> Evidence:
    """The evidence of a store.

    Args:
        store: the history.
        bundle_hash: the bundle whose scores count.
        models: its models, light and powerful.
        since: seconds since 1970; what is older does not count.

    Raises:
        PolicyError: the bundle has more than two models; a history keeps one routing score.
        StoreError: the store cannot be read.
    """
    check_two(models)
    traffic, after = Traffic(models[-1]), 0
    while rows := await store.scan("decision", after, PAGE):
        for after, row in rows:  # noqa: B007
            decision: DecisionRecord = from_row("decision", row)
            if decision.at >= since:
                traffic.add(decision)
    pairs: list[PairedOutcome] = []
    outcomes: list[OutcomeRecord] = []
    foreign, after = 0, 0
    while rows := await store.scan("outcome", after, PAGE):
        for after, row in rows:  # noqa: B007
            record: OutcomeRecord = from_row("outcome", row)
            if record.at < since:
                continue
            outcomes.append(record)
            pair = pair_of(record, bundle_hash, models)
            foreign += pair is None and record.bundle_hash != bundle_hash
            if pair is not None:
                pairs.append(pair)
    distinct = select_distinct(pairs)
    return Evidence(
        models=tuple(models),
        traffic=traffic,
        pairs=distinct,
        sources=Counter(p.marked_by for p in distinct if p.marked_by is not None),
        money=sum_money(outcomes),
        latency_ms=_collect_latency(outcomes),
        foreign=foreign,
        skipped=await _read_skipped(store),
        repeated=_count_graded(pairs) - _count_graded(distinct),
    )


def _count_graded(pairs: Sequence[PairedOutcome]) -> int:
    return sum(pair.quality is not None for pair in pairs)


async def _read_skipped(store: HistoryStore) -> int:
    state = (await store.load_states("shadow")).get("budget")
    try:
        skipped = json.loads(state.text)["skipped"] if state is not None else 0
    except (ValueError, TypeError, KeyError):  # the shadow begins a damaged day anew
        return 0
    return skipped if type(skipped) is int and skipped > 0 else 0


def sum_money(outcomes: Sequence[OutcomeRecord]) -> Money:
    """The sums, each rounded once."""
    both = [
        (o.cost, o.cost_powerful)
        for o in outcomes
        if o.cost is not None and o.cost_powerful is not None
    ]
    return Money(
        cost=fsum(o.cost or 0.0 for o in outcomes),
        gross=fsum(part for cost, powerful in both for part in (powerful, -cost)),
        shadow=fsum(o.shadow_cost or 0.0 for o in outcomes),
        judge=fsum(o.judge_cost or 0.0 for o in outcomes),
        unpriced=sum(o.cost is None for o in outcomes),
        priced=sum(
            any(x is not None for x in (o.cost, o.shadow_cost, o.judge_cost)) for o in outcomes
        ),
    )


def _collect_latency(outcomes: Sequence[OutcomeRecord]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.latency_ms is not None:
            times.setdefault(outcome.model, []).append(outcome.latency_ms)
    return {model: sorted(found) for model, found in sorted(times.items())}
