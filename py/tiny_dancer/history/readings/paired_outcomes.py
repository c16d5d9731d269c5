"""What a store holds of paired outcomes: prompts to which both models' answers were graded."""

from collections.abc import Sequence
from typing import Final

from ...calibration.paired_outcome import PairedOutcome
from ...errors import PolicyError
from ..records import OutcomeRecord
from ..records.codec import from_row
from ..records.outcome import PEOPLE, UNGRADED
from ..stores.store import HistoryStore

PAGE: Final = 500


async def read_paired_outcomes(
    store: HistoryStore, bundle_hash: str, models: Sequence[str], by_people: bool = False
) -> list[PairedOutcome]:
    """The paired outcomes of a bundle, in the order they were written.

    An outcome with a score for one model alone is left out: only the chosen answer was seen then,
    and no certificate may rest on it. A pair that could not be graded has no quality.

    Args:
        store: where they are.
        bundle_hash: the bundle that scored them; those of others are left out.
        models: its two models, light and powerful.
        by_people: True leaves out what no person marked, ungraded pairs among them.

    Raises:
        PolicyError: the bundle has more than two models; a history keeps one routing score.
        StoreError: the store cannot be read.
    """
    check_two(models)
    found: dict[str, PairedOutcome] = {}
    after = 0
    while rows := await store.scan("outcome", after, PAGE):
        for after, row in rows:  # noqa: B007
            record: OutcomeRecord = from_row("outcome", row)
            pair = pair_of(record, bundle_hash, models)
            if pair is not None and (not by_people or pair.marked_by == PEOPLE):
                found[record.decision_id] = pair  # added to meanwhile, it is scanned again
    return list(found.values())


def check_two(models: Sequence[str]) -> None:
    """See that a history can hold what pairs of these models are about.

    Raises:
        PolicyError: there are more than two.
    """
    if len(models) != 2:
        raise PolicyError("a history keeps the scores of two models; this bundle has more")


def pair_of(record: OutcomeRecord, bundle_hash: str, models: Sequence[str]) -> PairedOutcome | None:
    """The paired outcome of a record of two models; None where it is none of this bundle."""
    light, powerful = models
    scores = record.scores
    if record.bundle_hash != bundle_hash or record.score is None:
        return None
    has_both = light in scores and powerful in scores
    if not has_both and record.graded_by != UNGRADED:
        return None
    return PairedOutcome(
        scores=(record.score,),
        quality=(scores[light], scores[powerful]) if has_both else None,
        cost=costs_of(record),
        prompt=record.prompt_hash,
        marked_by=(record.graded_by or PEOPLE) if has_both else UNGRADED,
    )


def costs_of(record: OutcomeRecord) -> tuple[float, float] | tuple[()]:
    """What the light and the powerful model's answers cost; () where one is not known.

    What the other answer cost is known where it was asked for. Else the powerful model's is
    reckoned from its price, and the light one's is not known.
    """
    other = record.shadow_cost
    if other is None and record.use_lightweight:
        other = record.cost_powerful
    if record.cost is None or other is None:
        return ()
    return (record.cost, other) if record.use_lightweight else (other, record.cost)
