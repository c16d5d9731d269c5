"""Counts over decided rows that add up in any order: map and reduce of an evaluation."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor
from typing import Any, Final, Self

from ...calibration.binomial import upper_bound
from ...calibration.tensors import WELL
from ...policy import Policy
from .columns import ERROR, MODEL, SCORE, read_column

STEPS: Final = 1_000
"""Thresholds counted at for each unit of the routing score."""

UNIT: Final = 1_000_000
"""Whole numbers for a quality of 1, since sums of floats depend on their order."""

_COUNTS: Final = ("labelled", "light", "powerful", "regret", "fails")


@dataclass(frozen=True, slots=True)
class Point:
    """What one threshold, fixed before looking, does with labelled rows.

    Attributes:
        threshold: of the routing score.
        n: rows with labels.
        light: those of them that go light.
        fails: those of the light ones that the light model answers badly.
        quality_kept: quality of the routed answers over the powerful model's.
        regret: mean quality lost a row against always-powerful.
    """

    threshold: float
    n: int
    light: int
    fails: int
    quality_kept: float
    regret: float

    def bound_joint(self, delta: float = 0.05) -> float:
        """Upper 1 - delta bound (Clopper-Pearson) on the share of rows that go light and fail."""
        return upper_bound(self.fails, self.n, delta)


@dataclass(frozen=True, slots=True)
class Tally:
    """Whole numbers; `+` gives the same sum in whatever order the parts come.

    Attributes:
        rows: seen.
        errors: those that could not be decided.
        models: rows by the model that takes them.
        changed: rows that the other policy decides otherwise.
        steps: by step of the routing score: labelled rows, the sums of light and powerful quality
            and of regret in millionths, rows that the light model answers badly.
    """

    rows: int = 0
    errors: int = 0
    models: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    steps: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def __add__(self, other: Self) -> Self:
        steps, none = dict(self.steps), (0,) * len(_COUNTS)
        for step, counts in other.steps.items():
            steps[step] = _add(steps.get(step, none), counts)
        return type(self)(
            self.rows + other.rows,
            self.errors + other.errors,
            self.models + other.models,
            self.changed + other.changed,
            steps,
        )

    def points(self) -> list[Point]:
        """What each threshold does with the labelled rows, the smallest first."""
        total = (0,) * len(_COUNTS)
        for counts in self.steps.values():
            total = _add(total, counts)
        n, _, powerful, _, _ = total
        so_far, points = (0,) * len(_COUNTS), []
        for step in sorted(self.steps):
            so_far = _add(so_far, self.steps[step])
            light, gained, lost, regret, fails = so_far
            kept = (powerful - lost + gained) / powerful if powerful else 1.0
            points.append(Point((step + 1) / STEPS, n, light, fails, kept, regret / UNIT / n))
        return points


@dataclass(frozen=True, slots=True)
class CountBatch:
    """Counts the rows that `RouteBatch` has decided; can be pickled.

    Args:
        light: column with the quality in [0, 1] of the light model's answer; None: no labels.
        powerful: the same of the powerful model's.
        policy: another rule for two models, to count what it would change.
        models: names of the two, light first, as `td_model` has them.
    """

    light: str | None = None
    powerful: str | None = None
    policy: Policy | None = None
    models: tuple[str, str] = ("light", "powerful")

    def __call__(self, batch: Any) -> Tally:
        """The tally of a batch; rows without both labels count as rows alone.

        Raises:
            InvalidInputError: a column is missing.
        """
        chosen, scores = read_column(batch, MODEL), read_column(batch, SCORE)
        errors = sum(isinstance(value, str) for value in read_column(batch, ERROR))  # or None, NaN
        steps: dict[int, tuple[int, ...]] = {}
        if self.light is not None and self.powerful is not None:
            labels = zip(
                scores,
                read_column(batch, self.light),
                read_column(batch, self.powerful),
                strict=True,
            )
            for score, light, powerful in labels:
                if _is_number(score) and _is_number(light) and _is_number(powerful):
                    step = floor(score * STEPS)
                    counts = _count(light, powerful)
                    steps[step] = _add(steps.get(step, (0,) * len(_COUNTS)), counts)
        return Tally(
            len(chosen),
            errors,
            Counter(model for model in chosen if model),
            sum(self._changes(*row) for row in zip(chosen, scores, strict=True)),
            steps,
        )

    def _changes(self, chosen: str, score: float | None) -> bool:
        if self.policy is None or not chosen or score is None or score != score:
            return False
        return self.models[score > self.policy.threshold] != chosen


def _count(light: float, powerful: float) -> tuple[int, ...]:
    return (
        1,
        round(light * UNIT),
        round(powerful * UNIT),
        round(max(0.0, powerful - light) * UNIT),
        int(light < WELL),
    )


def _add(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(a, b, strict=True)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value
