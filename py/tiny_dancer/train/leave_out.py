"""Leaving a source out: its rows, its repeats, its questions wherever else they stand, its family.

A figure on a source that was left out says how the router does on prompts and models that it has
not seen; one shared question makes it say less.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ..adapt.stem import stem
from .labels import LabelledPrompts
from .wider import REPEATS

Mask = npt.NDArray[np.bool_]

FAMILIES = {
    "openbookqa": "openbook",
    "arcchallenge": "arc",
    "commonsenseqa": "commonsenseqa",
    "bbh": "bbh",
    "gsm8k": "gsm8k",
    "mbpp": "mbpp",
    "math": "math",
}
"""What a subject's letters and digits start with, and the name of the benchmark that it is of."""

SAME_QUESTIONS = {"gsm8k": ("gsm8k",)}
"""By source, the families left out with it always: other questions of the very same benchmark."""


def family(subject: str) -> str:
    """Return the benchmark that a subject belongs to, whatever the source; "" for none."""
    name = "".join(c for c in subject.casefold() if c.isalnum())
    return next((found for start, found in FAMILIES.items() if name.startswith(start)), "")


def families(data: LabelledPrompts) -> tuple[str, ...]:
    """Return the family of each row."""
    return tuple(map(family, data.subjects))


def without_source(data: LabelledPrompts, source: str, with_family: bool = False) -> Mask:
    """[N] True for rows that may be trained on for a figure on `source`.

    Left out are the source, the sources of repeats (they repeat questions of several sources), all
    rows whose stem stands in the source, and `SAME_QUESTIONS`; `with_family` leaves out every row
    of the families that stand in the source as well.
    """
    tested = data.of_source(source)
    if not tested.any():
        raise ValueError(f"{source}: no such source among {', '.join(sorted(set(data.sources)))}")
    stems = np.array([stem(p) for p in data.prompts], object)
    seen = ~data.of_source(source, *REPEATS) & ~np.isin(stems, stems[tested])
    of = np.array(families(data), object)
    out = set(SAME_QUESTIONS.get(source, ()))
    if with_family:
        out |= set(of[tested]) - {""}
    return np.asarray(seen & ~np.isin(of, sorted(out)), bool)


def without_stems(prompts: Iterable[str], tested: Iterable[str]) -> Mask:
    """[N] True for the prompts whose stem stands in none of the tested ones."""
    stems = {stem(p) for p in tested}
    return np.array([stem(p) not in stems for p in prompts], bool)
