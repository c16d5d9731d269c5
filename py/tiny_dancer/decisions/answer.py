"""What becomes of a question: an answer, or a refusal that says why."""

from dataclasses import dataclass
from typing import TypeAlias

from .question import Label


@dataclass(frozen=True, slots=True)
class ChoiceAnswer:
    """The label that was chosen.

    Attributes:
        choice: the label; none has a larger probability.
        probabilities: of each label, in the question's order; they sum to one.
    """

    choice: Label
    probabilities: tuple[tuple[Label, float], ...]

    @property
    def confidence(self) -> float:
        """The largest of the probabilities."""
        return max(p for _, p in self.probabilities)


@dataclass(frozen=True, slots=True)
class PredicateAnswer:
    """Whether a model is enough.

    Attributes:
        probability: at least one half where the router finds it good enough.
    """

    probability: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """The question is none that can be answered.

    Attributes:
        why: in words, and what would be right.
    """

    why: str


Answer: TypeAlias = ChoiceAnswer | PredicateAnswer | Refusal
