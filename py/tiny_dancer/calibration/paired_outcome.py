"""Paired outcomes: prompts to which the answer of every model was graded."""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class PairedOutcome:
    """One prompt, with the quality of every model's answer to it.

    Attributes:
        scores: routing scores of all models but the last (the powerful one), cheapest first.
        quality: quality in [0, 1] of each model's answer, cheapest first; None where they could
            not be graded, which counts as the worst case.
        cost: money that each model's answer cost; () where it is not known.
        prompt: the same for equal prompts, such as a keyed hash; None: a prompt of its own.
        marked_by: who marked the answers, such as `people`; None where nobody said.
    """

    scores: tuple[float, ...]
    quality: tuple[float, ...] | None
    cost: tuple[float, ...] = ()
    prompt: str | None = None
    marked_by: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no outcome."""
        if not self.scores or not all(-2.0 <= s <= 2.0 for s in self.scores):
            raise InvalidInputError(f"scores: numbers in [-2, 2] are needed, got {self.scores!r}")
        models = len(self.scores) + 1
        if self.quality is not None and (
            len(self.quality) != models or not all(0.0 <= q <= 1.0 for q in self.quality)
        ):
            raise InvalidInputError(
                f"quality: {models} numbers in [0, 1] are needed, got {self.quality!r:.60}"
            )
        if self.cost and (len(self.cost) != models or not all(0.0 <= c < 1e12 for c in self.cost)):
            raise InvalidInputError(
                f"cost: {models} amounts of at least 0 are needed, got {self.cost!r:.60}"
            )


def select_distinct(outcomes: Iterable[PairedOutcome]) -> list[PairedOutcome]:
    """The first outcome of each prompt, so that asking again adds no evidence.

    Raises:
        InvalidInputError: two outcomes are of different numbers of models.
    """
    found: list[PairedOutcome] = []
    seen: set[str] = set()
    for at, outcome in enumerate(outcomes):
        if found and len(outcome.scores) != len(found[0].scores):
            raise InvalidInputError(
                f"outcome {at}: {len(outcome.scores) + 1} models, those before it have "
                f"{len(found[0].scores) + 1}"
            )
        if outcome.prompt is not None:
            if outcome.prompt in seen:
                continue
            seen.add(outcome.prompt)
        found.append(outcome)
    return found


def hash_outcomes(outcomes: Sequence[PairedOutcome]) -> str:
    """SHA-256 of the numbers of outcomes, in whatever order they come."""
    rows = sorted(
        struct.pack(
            f"<{len(o.scores)}d?{len(o.quality or ())}d{len(o.cost)}d",
            *o.scores,
            o.quality is not None,
            *(o.quality or ()),
            *o.cost,
        )
        for o in outcomes
    )
    return hashlib.sha256(b"".join(rows)).hexdigest()
