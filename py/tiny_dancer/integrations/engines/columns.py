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
        InvalidInputError: the batch is of no known kind, or does not have one such column.
    """
    names = _names(batch)
    if name not in names:
        known = ", ".join(map(str, names)) or "none"
        raise InvalidInputError(f"{name}: no such column; there are {known}")
    if names.count(name) > 1:
        raise InvalidInputError(f"{name}: {names.count(name)} columns have this name")
    column = batch[name]
    for convert in ("to_pylist", "tolist"):  # of Arrow; of NumPy and pandas
        if hasattr(column, convert):
            column = getattr(column, convert)()
            break
    if isinstance(column, str | bytes) or not hasattr(column, "__len__"):
        kind = type(column).__name__
        raise InvalidInputError(f"{name}: a list or array of texts is needed, got {kind}")
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


def _names(batch: Any) -> list[Any]:
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

    # By number, since two columns may have one name.
    kept = [at for at, name in enumerate(batch.schema.names) if name not in columns]
    arrays = [batch.column(at) for at in kept]
    fields = [batch.schema.field(at) for at in kept]
    for name, values in columns.items():
        kind = pyarrow.float64() if name in NUMBERS else pyarrow.string()
        arrays.append(pyarrow.array(values, kind))
        fields.append(pyarrow.field(name, kind))
    schema = pyarrow.schema(fields, metadata=batch.schema.metadata)
    return type(batch).from_arrays(arrays, schema=schema)
