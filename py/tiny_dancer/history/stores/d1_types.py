"""Between Python and D1: the one place that knows what becomes of a value on the way.

Through Pyodide and workerd, None becomes `undefined` and is refused, whole numbers arrive as REAL,
those from 2⁵³ are refused, NaN and infinities become NULL without a word, bytes and lists are
refused or stored as blobs, lone surrogates become three replacement characters. So only what
arrives as it was is let through; batches travel as one JSON text anyway. Back from D1, NULL is
`jsnull`, which is false but is not None, and REAL columns give whole numbers where they can.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Final

from ...errors import InvalidInputError

MAX_INTEGER: Final = (1 << 53) - 1
MAX_PARAMETERS: Final = 100
MAX_TEXT_BYTES: Final = 1_900_000
"""Kept below D1's bound of a text, 2 MB, which the local D1 does not have."""


def to_d1(values: Sequence[object], null: Any) -> list[Any]:
    """The parameters of a statement as D1 takes them.

    Args:
        values: None, bool, int, float, str.
        null: what stands for NULL: `pyodide.ffi.jsnull`.

    Raises:
        InvalidInputError: a value would not arrive as it is.
    """
    if len(values) > MAX_PARAMETERS:
        raise InvalidInputError(f"parameters: at most {MAX_PARAMETERS}, got {len(values)}")
    return [_value(n, value, null) for n, value in enumerate(values)]


def from_d1(value: Any, null: Any) -> Any:
    """A value of a row as Python has it: None for NULL, bytes for a blob."""
    if value is null:
        return None
    return bytes(value) if isinstance(value, list) else value


def _value(n: int, value: object, null: Any) -> Any:
    if value is None:
        return null
    if isinstance(value, bool):
        return int(value)
    if type(value) is int and abs(value) <= MAX_INTEGER:
        return value
    if type(value) is float and isfinite(value):
        return value
    if type(value) is str and _is_text(value):
        return value
    raise InvalidInputError(f"parameter {n}: D1 would not keep {value!r:.60}")


def _is_text(text: str) -> bool:
    if text.isascii():
        return len(text) <= MAX_TEXT_BYTES
    try:
        return len(text.encode()) <= MAX_TEXT_BYTES
    except UnicodeEncodeError:  # a lone surrogate
        return False
