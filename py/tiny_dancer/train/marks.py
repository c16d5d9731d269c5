"""Marks of every model on the rows of a corpus, as the teacher takes them."""

from collections.abc import Sequence

import numpy as np

from ..calibration.tensors import WELL
from .ability import Marks, crossed_ease, grams
from .encoded import Index
from .labels import LabelledPrompts
from .network import Floats
from .wider import ModelMarks

PAIR = ("light", "powerful")


def marks_of(data: LabelledPrompts, more: Sequence[ModelMarks]) -> Marks:
    """Return the marks of each row's pair, and of all models that `more` has for the same prompt.

    The pair of source s is "s:light" and "s:powerful".
    """
    names = sorted({f"{s}:{m}" for s in set(data.sources) for m in PAIR})
    names += [f"{part.source}:{model}" for part in more for model in part.models]
    number = {name: k for k, name in enumerate(names)}
    row, model, right = [], [], []
    for i, source in enumerate(data.sources):
        for m, name in enumerate(PAIR):
            row.append(i)
            model.append(number[f"{source}:{name}"])
            right.append(float(data.quality[i, m] >= WELL))
    place = {key: i for i, key in enumerate(zip(data.sources, data.prompts, strict=True))}
    for part in more:
        for prompt, marks in zip(part.prompts, part.right, strict=True):
            if (part.source, prompt) not in place:
                continue
            i = place[part.source, prompt]
            for name, mark in zip(part.models, marks, strict=True):
                if np.isfinite(mark):
                    row.append(i)
                    model.append(number[f"{part.source}:{name}"])
                    right.append(float(mark))
    return Marks(
        np.array(row, np.int64),
        np.array(model, np.int64),
        np.array(right, np.float32),
        tuple(names),
    )


def taught(data: LabelledPrompts, more: Sequence[ModelMarks], rows: Index) -> Floats:
    """Return the teacher's P(light), P(powerful) [N, 2] of `rows`, from folds without their stem.

    NaN for other rows, which no teacher sees.
    """
    part = data.take(rows)
    marks = marks_of(part, more)
    names = sorted(set(part.sources))
    source = np.array([names.index(s) for s in part.sources], np.int64)
    ease, teachers = crossed_ease(grams(part.prompts), part.prompts, marks, source)
    number = {name: k for k, name in enumerate(marks.models)}
    found = np.zeros((len(part), len(PAIR)))
    for judged, teacher in teachers:
        for s, name in enumerate(names):
            inside = judged[source[judged] == s]
            for m, model in enumerate(PAIR):
                found[inside, m] = teacher.probability(ease[inside], number[f"{name}:{model}"])
    out = np.full((len(data), len(PAIR)), np.nan, np.float32)
    out[rows] = found
    return out
