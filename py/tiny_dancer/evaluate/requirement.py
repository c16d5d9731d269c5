"""What an evaluation has to reach, such as `quality>=.95`, and whether it does."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..errors import InvalidInputError

_FORM: Final = re.compile(r"\s*([a-z_]+)\s*(>=|<=)\s*(-?(?:\d+\.?\d*|\.\d+)(%?))\s*")

FIGURES: Final = {
    "quality": "share of the powerful model's quality that the policy keeps",
    "saving": "share of the powerful model's cost that the policy saves",
    "light_share": "share of prompts that go to cheaper models",
    "auc": "how well the light model's probability ranks its right answers before its wrong ones",
    "apgr": "average performance gap recovered",
    "ece": "expected calibration error of the light model's probability",
}
"""Names of what can be required, and what each is."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A bound on a figure.

    Attributes:
        name: of `FIGURES`.
        operator: `>=` or `<=`.
        bound: the figure's.
    """

    name: str
    operator: str
    bound: float

    def __str__(self) -> str:
        return f"{self.name} {self.operator} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Check:
    """A requirement, and what was found.

    Attributes:
        requirement: what has to be reached.
        value: the figure; None where it is not defined.
        what: in words, what the figure is here.
    """

    requirement: Requirement
    value: float | None
    what: str

    @property
    def is_met(self) -> bool:
        """True where the figure is defined and keeps the bound."""
        if self.value is None:
            return False
        bound = self.requirement.bound
        return self.value >= bound if self.requirement.operator == ">=" else self.value <= bound

    def __str__(self) -> str:
        value = "not defined" if self.value is None else f"{self.value:.4g}"
        return f"{self.requirement.name} is {value}, required {self.requirement}"


def parse_requirement(text: str) -> Requirement:
    """The requirement that a text such as `quality>=.95` or `saving>=20%` says.

    Raises:
        InvalidInputError: it says none.
    """
    found = _FORM.fullmatch(text)
    if found is None or found[1] not in FIGURES:
        known = ", ".join(FIGURES)
        raise InvalidInputError(
            f"{text!r:.60}: NAME>=VALUE or NAME<=VALUE is needed, with a name of {known}"
        )
    value = float(found[3].rstrip("%"))
    return Requirement(found[1], found[2], value / 100 if found[4] else value)


def check_requirements(requirements: Iterable[Requirement], facts: dict[str, Any]) -> list[Check]:
    """What was found for each.

    Without prices nothing is known to be saved, and `saving` is the share of light answers.

    Args:
        requirements: what has to be reached.
        facts: of an evaluation.
    """
    policy = facts["policy"]
    light = next(iter(facts["models"].values()))
    values = {
        "quality": policy["quality_kept"],
        "saving": policy["saving"],
        "light_share": policy["light_share"],
        "auc": light["auc"],
        "apgr": (facts["routing"] or {}).get("apgr"),
        "ece": light["ece"],
    }
    names = dict(FIGURES)
    if not facts["has_prices"]:
        values["saving"] = policy["light_share"]
        names["saving"] = f"{FIGURES['light_share']}, since no prices were given"
    return [Check(one, values[one.name], names[one.name]) for one in requirements]
