"""What a decision model is asked, whatever the interface."""

from dataclasses import dataclass
from typing import Final, TypeAlias

Label: TypeAlias = str | bool

MAX_QUESTIONS: Final = 400
"""In one call."""

MAX_LABELS: Final = 255
"""Of one choice."""


@dataclass(frozen=True, slots=True)
class Question:
    """A typed question. Its instructions are not kept: nothing is guessed from free text.

    Attributes:
        kind: `choice`, `predicate` (yes or no), `score` or `box`.
        id: its name; None where it has none.
        labels: of a choice, in the order given; a boolean is not the text of it.
    """

    kind: str
    id: str | None = None
    labels: tuple[Label, ...] = ()
