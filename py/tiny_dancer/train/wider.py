"""The folders beside the labelled files: more pairs, marks of many models, unlabelled requests.

`more/` has the columns of a labelled file, `models/` the same questions with a score a model (an
empty cell: that model was not asked), `unlabelled/` `prompt` and `category` alone. Each may be
missing. docs/data.md says how a folder of one's own is laid out.
"""

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..tables import Row, open_table
from .labels import (
    ANSWERED_WELL,
    LabelError,
    LabelledPrompts,
    concatenate,
    read_csv,
    read_folder,
)

MORE, MODELS, UNLABELLED = "more", "models", "unlabelled"

RIGHT_FROM = {"pareto_bench": 0.6, "pareto_repeats": 0.6}
"""Sources whose judges call an answer right from another mark than `ANSWERED_WELL` on."""

REPEATS = frozenset({"mmlu_pro_mmlu", "pareto_repeats"})
"""Sources that ask questions of other sources again, of other models."""


@dataclass(frozen=True)
class ModelMarks:
    """N prompts of one source with the marks of M models."""

    source: str
    prompts: tuple[str, ...]
    models: tuple[str, ...]
    quality: npt.NDArray[np.float32]
    """[N, M] in 0..1, NaN where the model was not asked."""

    @property
    def right(self) -> npt.NDArray[np.float32]:
        """[N, M] 1.0 where the model answered well, NaN where it was not asked."""
        known = np.isfinite(self.quality)
        return np.where(known, self.quality >= ANSWERED_WELL, np.nan).astype(np.float32)


@dataclass(frozen=True)
class Unlabelled:
    """Requests that nobody answered."""

    prompts: tuple[str, ...]
    categories: tuple[str, ...]
    sources: tuple[str, ...]


def read_wide(folder: Path) -> LabelledPrompts:
    """Read the labelled files of the folder and of `more/`, each sorted by name.

    A mark that its source calls right is at least `ANSWERED_WELL` in what comes back.
    """
    more = sorted((folder / MORE).glob("*.csv.gz"))
    return concatenate([read_folder(folder), *(_moved(read_csv(path)) for path in more)])


def read_marks(folder: Path) -> tuple[ModelMarks, ...]:
    """Read every `*.csv.gz` of `models/`, sorted by name."""
    return tuple(_marks(path) for path in sorted((folder / MODELS).glob("*.csv.gz")))


def read_unlabelled(folder: Path) -> Unlabelled:
    """Read every `*.csv.gz` of `unlabelled/`, sorted by name; prompts that repeat are dropped."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted((folder / UNLABELLED).glob("*.csv.gz")):
        source = path.name.split(".")[0]
        with open_table(path, ("prompt",)) as table:
            for row in table:
                category = row.values.get("category") or ""
                found.setdefault(row.text("prompt"), (str(category), source))
    categories, sources = zip(*found.values(), strict=True) if found else ((), ())
    return Unlabelled(tuple(found), categories, sources)


def file_hashes(folder: Path) -> dict[str, str]:
    """Return name → SHA-256 of every file of the folder that training reads."""
    paths = [
        *folder.glob("*.csv.gz"),
        *(p for f in (MORE, MODELS) for p in (folder / f).glob("*.csv.gz")),
    ]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(paths)
    }


def moved(quality: npt.NDArray[np.float32], right_from: float) -> npt.NDArray[np.float32]:
    """Return qualities on two straight lines, 0 to 0 and 1 to 1, `right_from` to ANSWERED_WELL."""
    below = quality * (ANSWERED_WELL / right_from)
    above = 1 - (1 - quality) * ((1 - ANSWERED_WELL) / (1 - right_from))
    # A mark of exactly `right_from` must not fall below by rounding.
    above = np.maximum(above, ANSWERED_WELL)
    return np.where(quality >= np.float32(right_from), above, below).astype(np.float32)


def _moved(data: LabelledPrompts) -> LabelledPrompts:
    quality = data.quality.copy()
    for source, mark in RIGHT_FROM.items():
        rows = data.of_source(source)
        quality[rows] = moved(quality[rows], mark)
    return replace(data, quality=quality)


def _marks(path: Path) -> ModelMarks:
    source, prompts, quality = path.name.split(".")[0], [], []
    with open_table(path, ("prompt",)) as table:
        models = tuple(name for name in table.columns if name != "prompt")
        if not models:
            raise LabelError(f"{path.name}: beside prompt, a column for each model is needed")
        for row in table:
            prompts.append(row.text("prompt"))
            quality.append([_mark(row, name) for name in models])
    found = np.array(quality, np.float32).reshape(len(prompts), len(models))
    return ModelMarks(source, tuple(prompts), models, moved(found, RIGHT_FROM.get(source, 0.5)))


def _mark(row: Row, model: str) -> float:
    return row.number(model, 0.0, 1.0) if row.values.get(model) else math.nan
