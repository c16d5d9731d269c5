"""What it costs to leave out the families of a group as well, by the learner that takes seconds.

OpenBookQA, ARC, CommonsenseQA, BBH, MATH, MBPP and GSM8K stand in several sources: other questions
of the same benchmark stay in training where a source alone is left out. A regression on character
n-grams is fitted both ways; a network would take minutes a group.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ...adapt.stem import stem
from ...train.ability import grams
from ...train.labels import LabelledPrompts
from ...train.leave_out import families
from .bootstrap import interval, ranked_auc, resamples
from .figures import Figures
from .parts import GRAMS, GROUPS
from .wide import Found, learnt, light_by_grams, tested_sources

Progress = Callable[[str], None]
RESAMPLES = 1_000


def family_figures(data: LabelledPrompts, found: Sequence[Found], progress: Progress) -> Figures:
    """Return by source the rows learnt from, both ways, and the AUCs with their paired difference.

    `found` holds the scores where the sources alone were left out, by group.
    """
    figures: Figures = {}
    for number, group in enumerate(GROUPS):
        progress(f"without {', '.join(group)} and their families")
        tested = tested_sources(number)
        known, rows = learnt(data, tested, with_family=True), found[number]["rows"].astype(np.int64)
        x = grams([*known.prompts, *(data.prompts[i] for i in rows)])
        without = light_by_grams(x, known, np.arange(len(known), x.shape[0]))[:, 0]
        both = len(learnt(data, tested)), len(known)
        for source in group:
            inside = data.take(rows).of_source(source)
            part, alone = data.take(rows[inside]), found[number][GRAMS][inside, 0]
            figures[source] = _both_ways(part, alone, without[inside]) | {"learnt": list(both)}
    return figures


def _both_ways(
    rows: LabelledPrompts, alone: npt.NDArray[np.float64], without: npt.NDArray[np.float64]
) -> Figures:
    right = rows.right[:, 0]
    draws = resamples([stem(x) for x in rows.prompts], RESAMPLES)
    lost = [ranked_auc(without[r], right[r]) - ranked_auc(alone[r], right[r]) for r in draws]
    aucs = ranked_auc(alone, right), ranked_auc(without, right)
    return {
        "families": sorted(set(families(rows)) - {""}),
        "auc": list(aucs),
        "gain_95": list(interval(np.array(lost))),
    }
