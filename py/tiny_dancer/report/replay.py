"""Stored decisions, decided again by another policy."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..calibration.paired_outcome import PairedOutcome
from ..errors import PolicyError
from ..history import HistoryStore
from ..history.readings.paired_outcomes import check_two, pair_of
from ..history.records import DecisionRecord, OutcomeRecord
from ..history.records.codec import from_row
from ..model import Bundle
from ..policy import Policy
from ..reason import DOUBTS, Reason
from .comparison import Choice, compare_choices

PAGE: Final = 500

KEPT: Final = (Reason.STICKY, Reason.CAPABILITY, Reason.DRIFT_ALARM)
"""Reasons that another policy does not change."""

_BREAKERS: Final = (
    Reason.BREAKER_LIGHT_OPEN,
    Reason.BREAKER_POWERFUL_OPEN,
    Reason.BOTH_BREAKERS_OPEN,
)


@dataclass(frozen=True, slots=True)
class Replay:
    """What another policy would have done.

    Attributes:
        policy: it.
        decisions: that were decided again.
        to_light: those that would go to the light model and did not.
        to_powerful: those that would go to the powerful model and did not.
        kept: those that no policy changes, by reason.
        skipped: decisions that the router did not make, or that another bundle scored.
        before: quality and cost of the decisions as they were recorded, over the graded pairs
            among them; None where there is none.
        after: the same as the other policy would have decided.
    """

    policy: Policy
    decisions: int
    to_light: int
    to_powerful: int
    kept: dict[str, int]
    skipped: int
    before: Choice | None
    after: Choice | None

    @property
    def changed(self) -> int:
        """Decisions that change."""
        return self.to_light + self.to_powerful

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "policy": {"id": self.policy.id, "threshold": self.policy.threshold},
            "decisions": self.decisions,
            "changed": self.changed,
            "to_light": self.to_light,
            "to_powerful": self.to_powerful,
            "kept": self.kept,
            "skipped": self.skipped,
            "before": self.before.to_dict() if self.before else None,
            "after": self.after.to_dict() if self.after else None,
        }


async def replay(store: HistoryStore, bundle: Bundle, policy: Policy) -> Replay:
    """What a policy would have done with the decisions of a store.

    Of an observed decision, what it would have been is the base. A decision by a breaker is
    decided again as if all were well.

    Args:
        store: the history.
        bundle: whose scores count, of two models.
        policy: to decide by.

    Raises:
        PolicyError: the policy is for another bundle, or the bundle has more than two models.
        StoreError: the store cannot be read.
    """
    if policy.bundle_hash not in (None, bundle.bundle_hash):
        raise PolicyError(
            f"policy: it is for bundle {str(policy.bundle_hash)[:12]}…, this is "
            f"{bundle.bundle_hash[:12]}…"
        )
    models = bundle.config.models
    pairs = await _read_pairs(store, bundle.bundle_hash, models)
    counts, kept = Counter[str](), Counter[str]()
    compared: list[tuple[PairedOutcome, bool, bool]] = []
    after = 0
    while rows := await store.scan("decision", after, PAGE):
        for after, row in rows:  # noqa: B007
            record: DecisionRecord = from_row("decision", row)
            result = _decide_again(record, bundle, policy)
            counts[result] += 1
            if result != "skipped" and (pair := pairs.get(record.decision_id)) is not None:
                was_light = _was_light(record, models[-1])
                is_light = result == "to light" or (result != "to powerful" and was_light)
                compared.append((pair, was_light, is_light))
            if result.startswith("kept:"):
                kept[result.removeprefix("kept:")] += 1
    chosen = [pair for pair, *_ in compared]
    before = compare_choices(chosen, [was for _, was, _ in compared], models)
    then = compare_choices(chosen, [is_light for *_, is_light in compared], models)
    return Replay(
        policy,
        sum(counts.values()) - counts["skipped"],
        counts["to light"],
        counts["to powerful"],
        dict(sorted(kept.items())),
        counts["skipped"],
        before.router if before else None,
        then.router if then else None,
    )


def _decide_again(record: DecisionRecord, bundle: Bundle, policy: Policy) -> str:
    """What becomes of a decision: `same`, `to light`, `to powerful`, `skipped`, `kept:REASON`."""
    reason = record.would_reason or record.reason
    if record.reason == Reason.FORCED or record.bundle_hash not in (None, bundle.bundle_hash):
        return "skipped"
    if reason in DOUBTS or reason in KEPT or record.score is None:
        return f"kept:{reason}"
    was_light = _was_light(record, bundle.config.models[-1])
    is_light = record.score <= policy.threshold
    if is_light == was_light:
        return "same"
    return "to light" if is_light else "to powerful"


def _was_light(record: DecisionRecord, powerful: str) -> bool:
    """Whether it went to the light model, would have, or would but for a breaker."""
    reason = record.would_reason or record.reason
    if reason in _BREAKERS:
        return reason == Reason.BREAKER_LIGHT_OPEN
    return (record.would or record.model) != powerful


async def _read_pairs(
    store: HistoryStore, bundle_hash: str, models: Sequence[str]
) -> dict[str, PairedOutcome]:
    """By decision, the paired outcomes of distinct prompts."""
    check_two(models)
    found: dict[str, PairedOutcome] = {}
    seen: set[str] = set()
    after = 0
    while rows := await store.scan("outcome", after, PAGE):
        for after, row in rows:  # noqa: B007
            record: OutcomeRecord = from_row("outcome", row)
            pair = pair_of(record, bundle_hash, models)
            name = record.prompt_hash or record.decision_id
            if pair is not None and name not in seen:
                seen.add(name)
                found[record.decision_id] = pair
    return found
