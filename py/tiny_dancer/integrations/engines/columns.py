"""Columns of a batch, whatever an engine hands over: dicts, pandas frames, Arrow tables."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import InvalidInputError

MODEL: Final = "td_model"
CONFIDENCE: Final = "td_confidence"
UNCERTAINTY: Final = "td_uncertainty"
SCORE: Final = "td_score"
REASON: Final = "td_reason"
ERROR: Final = "td_error"

COLUMNS: Final = (MODEL, CONFIDENCE, UNCERTAINTY, SCORE, REASON, ERROR)
NUMBERS: Final = frozenset({CONFIDENCE, UNCERTAINTY, SCORE})
"""Those that hold floats; the others hold texts."""


def read_column(batch: Any, name: str) -> Sequence[Any]:
    """The values of a column.

    Raises:
        InvalidInputError: the batch is of no known kind, or has no such column.
    """
    names = _names(batch)
    if name not in names:
        raise InvalidInputError(f"{name}: no such column; there are {', '.join(names) or 'none'}")
    column = batch[name]
    for convert in ("to_pylist", "tolist"):  # of Arrow; of NumPy and pandas
        if hasattr(column, convert):
            return getattr(column, convert)()
    return column


def add_columns(batch: Any, columns: Mapping[str, list[Any]]) -> Any:
    """The batch with these of `COLUMNS`, in the place of those of the same names.

    A missing number is None in lists, null in Arrow, NaN in NumPy and pandas.
    """
    if isinstance(batch, Mapping):
        has_arrays = any(type(column).__module__ == "numpy" for column in batch.values())
        return {**batch, **(_as_arrays(columns) if has_arrays else columns)}
    if hasattr(batch, "to_pylist"):
        return _extend_arrow(batch, columns)
    return batch.assign(**_as_arrays(columns))


def _names(batch: Any) -> list[str]:
    if isinstance(batch, Mapping):
        return list(batch)
    if hasattr(batch, "to_pylist") and hasattr(batch, "schema"):
        return list(batch.schema.names)
    if hasattr(batch, "assign") and hasattr(batch, "columns"):
        return list(batch.columns)
    raise InvalidInputError(
        "batch: a dict of columns, a pandas frame or an Arrow table is needed, "
        f"got {type(batch).__name__}"
    )


def _as_arrays(columns: Mapping[str, list[Any]]) -> dict[str, Any]:
    import numpy

    return {
        name: numpy.array(values, dtype=float if name in NUMBERS else object)
        for name, values in columns.items()
    }


def _extend_arrow(batch: Any, columns: Mapping[str, list[Any]]) -> Any:
    import pyarrow

    kept = [name for name in batch.schema.names if name not in columns]
    arrays = [batch[name] for name in kept]
    for name, values in columns.items():
        arrays.append(
            pyarrow.array(values, pyarrow.float64() if name in NUMBERS else pyarrow.string())
        )
    return type(batch).from_arrays(arrays, names=[*kept, *columns])
