"""Labelled prompts: what several models, cheapest first, made of the same prompts."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import InvalidInputError
from ..tables import open_table

ENVIRONMENT = "TINY_DANCER_DATA"
"""Names the folder of labelled files; docs/data.md says how to lay it out."""

EVALUATION_ONLY = frozenset({"mt_bench", "misguided_attention", "alpaca_eval"})
"""Sources that no training may see, whatever their weight column says."""

ANSWERED_WELL = 0.5
"""Least quality at which a model counts as having answered well."""


class LabelError(InvalidInputError):
    """There is no folder of labelled files."""


@dataclass(frozen=True)
class LabelledPrompts:
    """N prompts with the quality of M models each, cheapest first."""

    prompts: tuple[str, ...]
    quality: npt.NDArray[np.float32]
    """[N, M] in 0..1."""
    subjects: tuple[str, ...]
    sources: tuple[str, ...]
    weight: npt.NDArray[np.float32]
    """[N]; 0 = evaluation only."""

    def __len__(self) -> int:
        return len(self.prompts)

    @property
    def right(self) -> npt.NDArray[np.float32]:
        """[N, M] 1.0 where the model answered well."""
        return (self.quality >= ANSWERED_WELL).astype(np.float32)

    def take(self, rows: npt.ArrayLike) -> "LabelledPrompts":
        """Return the rows of an index or boolean array, in its order."""
        index = np.arange(len(self))[np.asarray(rows)]
        return LabelledPrompts(
            tuple(self.prompts[i] for i in index),
            self.quality[index],
            tuple(self.subjects[i] for i in index),
            tuple(self.sources[i] for i in index),
            self.weight[index],
        )

    def of_source(self, *names: str) -> npt.NDArray[np.bool_]:
        """[N] True where the row's source is one of the names."""
        return np.isin(np.array(self.sources), names)


def concatenate(parts: Sequence[LabelledPrompts]) -> LabelledPrompts:
    """Return the rows of all parts, in order."""
    return LabelledPrompts(
        tuple(p for part in parts for p in part.prompts),
        np.concatenate([part.quality for part in parts]),
        tuple(s for part in parts for s in part.subjects),
        tuple(s for part in parts for s in part.sources),
        np.concatenate([part.weight for part in parts]),
    )


def read_csv(
    path: Path, columns: Sequence[str] = ("weak_score", "strong_score")
) -> LabelledPrompts:
    """Read one CSV file, plain or gzip, with a `prompt` column and one score column a model.

    `subject`, `source` and `weight` are optional; the source defaults to the file's name.

    Raises:
        InvalidInputError: it cannot be read, or a row is malformed; names file, line and column.
    """
    source = path.name.split(".")[0]
    prompts, quality, subjects, sources, weights = [], [], [], [], []
    with open_table(path, ("prompt", *columns)) as table:
        for row in table:
            prompts.append(row.text("prompt"))
            quality.append([row.number(column, 0.0, 1.0) for column in columns])
            subjects.append(row.values.get("subject") or "")
            sources.append(row.values.get("source") or source)
            weights.append(row.number("weight", 0.0, 1e6, default=1.0))
    return LabelledPrompts(
        tuple(prompts),
        np.array(quality, np.float32).reshape(len(prompts), len(columns)),
        tuple(subjects),
        tuple(sources),
        np.array(weights, np.float32),
    )


def data_folder() -> Path:
    """Return the folder that the environment names."""
    if not (folder := os.environ.get(ENVIRONMENT)):
        raise LabelError(f"{ENVIRONMENT} is not set: it names the folder of labelled CSV files")
    return Path(folder)


def read_folder(folder: Path) -> LabelledPrompts:
    """Read every `*.csv.gz` of the folder, sorted by name."""
    paths = sorted(folder.glob("*.csv.gz"))
    if not paths:
        raise LabelError(f"no *.csv.gz in the folder that {ENVIRONMENT} names")
    return concatenate([read_csv(path) for path in paths])


def trainable(data: LabelledPrompts) -> npt.NDArray[np.bool_]:
    """[N] True for rows that training may see: weight above 0, source not for evaluation only."""
    return (data.weight > 0) & ~data.of_source(*EVALUATION_ONLY)
