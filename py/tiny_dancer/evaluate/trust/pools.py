"""Pools of prompts that both models answered, as the shipped bundle scores them."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ...calibration.paired_outcome import PairedOutcome
from ...hosts import open_kernel
from ...hosts.package_data import default_bundle
from ...model import Bundle, read_bundle
from ...text import cut
from ...train.labels import LabelledPrompts, read_folder
from ..quality.parts import NEVER_TRAINED

SUBJECTS: Final = "mmlu"
"""The source that has subjects."""
HARD: Final = 10
"""So many subjects, those on which light loses most against powerful, are the traffic's change."""
LEAST: Final = 40
"""Prompts that a subject needs to be told apart."""


def load_bundle() -> Bundle:
    """The shipped bundle."""
    data = default_bundle()
    assert data is not None
    return read_bundle(data)


def read_held_out(bundle: Bundle) -> list[PairedOutcome]:
    """The bundle's calibration rows: questions of its own sources that it was not trained on."""
    score = bundle.tensors["calibration.score"]
    levels = bundle.tensors["calibration.quality"]
    return [
        PairedOutcome((s,), (a / 255, b / 255))
        for s, a, b in zip(score, levels[::2], levels[1::2], strict=True)
    ]


def read_abroad(bundle: Bundle, folder: Path) -> list[PairedOutcome]:
    """Prompts of the sources that the bundle never saw any prompt of."""
    data = read_folder(folder)
    return _score(bundle, data.take(data.of_source(*NEVER_TRAINED)))


def read_subjects(bundle: Bundle, folder: Path) -> tuple[list[PairedOutcome], list[PairedOutcome]]:
    """Prompts of all subjects but the `HARD` ones, and those of the hard ones."""
    data = read_folder(folder)
    part = data.take(data.of_source(SUBJECTS))
    rows = defaultdict(list)
    for subject, outcome in zip(part.subjects, _score(bundle, part), strict=True):
        rows[subject].append(outcome)
    many = [name for name in rows if len(rows[name]) >= LEAST]
    ordered = sorted(many, key=lambda name: _loss(rows[name]))
    easy, hard = ordered[:-HARD], ordered[-HARD:]
    return [o for s in easy for o in rows[s]], [o for s in hard for o in rows[s]]


def _score(bundle: Bundle, part: LabelledPrompts) -> list[PairedOutcome]:
    scorer = open_kernel(bundle, 512)
    return [
        PairedOutcome((scorer.score_text(cut(prompt)[0]).scores[0],), tuple(quality))
        for prompt, quality in zip(part.prompts, part.quality.tolist(), strict=True)
    ]


def _loss(rows: Sequence[PairedOutcome]) -> float:
    return sum(o.quality[-1] - o.quality[0] for o in rows if o.quality) / len(rows)
