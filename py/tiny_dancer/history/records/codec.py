"""Records as rows and as JSON objects: the one place that knows how a field is written.

A row is a list in the order of `COLUMNS`; its values are those of JSON. Bytes and embeddings are
base64 of their little-endian numbers.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, Literal, TypeAlias

from ...candidates.candidate import MAX_DIMENSION, Candidate
from ...checks import MAX_BLOB_BYTES
from ...errors import InvalidInputError
from .binary import pack_float32, unpack_float32
from .decision import DecisionRecord
from .outcome import MONEY, OutcomeRecord
from .state import EventRecord, StateRecord

Kind: TypeAlias = Literal["candidate", "decision", "outcome", "state", "event"]
Row: TypeAlias = list[Any]
Record: TypeAlias = Candidate | DecisionRecord | OutcomeRecord | StateRecord | EventRecord

TYPES: Final[dict[Kind, type[Record]]] = {
    "candidate": Candidate,
    "decision": DecisionRecord,
    "outcome": OutcomeRecord,
    "state": StateRecord,
    "event": EventRecord,
}
"""Kind of record to its class; a later kind may refer to an earlier one."""

COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(cls)) for kind, cls in TYPES.items()
}

JSON_COLUMNS: Final = ("scores", "metadata")
"""Columns that hold a JSON object."""

FLAGS: Final = ("use_lightweight", "explored")
"""Columns that hold 0 or 1 in SQL."""


REALS: Final = frozenset(
    ("at", "created_at", "success_rate", "confidence", "uncertainty", "score", "threshold")
) | {"propensity", "inference_time_us", "latency_ms", *MONEY}
"""Columns of numbers that need not be whole; JavaScript gives 1.0 back as 1."""


def _bytes(text: str, limit: int) -> bytes:
    if not isinstance(text, str) or len(text) > 4 * (limit // 3 + 1):
        raise ValueError(f"base64 of at most {limit} bytes is needed")
    return b64decode(text, validate=True)


_WRITE: Final[dict[str, Callable[[Any], Any]]] = {
    "embedding": lambda vector: b64encode(pack_float32(vector)).decode(),
    "head_inputs": lambda blob: b64encode(blob).decode(),
}
_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "embedding": lambda text: unpack_float32(_bytes(text, 4 * MAX_DIMENSION)),
    "head_inputs": lambda text: _bytes(text, MAX_BLOB_BYTES),
}
_WRITERS: Final = {kind: tuple(map(_WRITE.get, names)) for kind, names in COLUMNS.items()}


def to_row(kind: Kind, record: Record) -> Row:
    """The values of a record in the order of `COLUMNS[kind]`."""
    return [
        value if write is None or value is None else write(value)
        for write, value in zip(
            _WRITERS[kind], (getattr(record, name) for name in COLUMNS[kind]), strict=True
        )
    ]


def from_row(kind: Kind, row: Sequence[Any]) -> Any:
    """The record of a row, checked.

    A row may come from SQL: flags as 0 or 1, JSON columns as text.

    Raises:
        InvalidInputError: the row is not one; the message names the field.
    """
    columns = COLUMNS[kind]
    if len(row) != len(columns):
        raise InvalidInputError(f"{kind}: {len(columns)} values are needed, got {len(row)}")
    return from_dict(kind, dict(zip(columns, row, strict=True)))


def from_dict(kind: Kind, raw: Mapping[str, Any]) -> Any:
    """The record of a JSON object by field name, checked. Fields with a default may be missing.

    Raises:
        InvalidInputError: it is not one; the message names the field.
    """
    values = {}
    for name, value in raw.items():
        if name not in COLUMNS[kind]:
            raise InvalidInputError(f"{kind}: {name!r:.60} is no field of it")
        try:
            values[name] = _read(name, value)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InvalidInputError(f"{kind}: {name}: {error}") from None
    try:
        return TYPES[kind](**values)
    except TypeError as error:
        missing = str(error).partition("argument")[2].strip("s: ")
        raise InvalidInputError(f"{kind}: {missing or error} is missing") from None
    except InvalidInputError as error:
        raise InvalidInputError(f"{kind}: {error}") from None


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in FLAGS and value in (0, 1):
        return bool(value)
    if name in REALS and type(value) is int:
        return float(value)
    if name in JSON_COLUMNS and isinstance(value, str):
        return json.loads(value)
    read = _READ.get(name)
    return read(value) if read else value
