"""One row of a table: values by column, and errors that name the place."""

import re
from collections.abc import Mapping
from typing import Any, Final

from .fault import TableError, shown_value

_NUMBER: Final = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_COMMA: Final = re.compile(r"\s*[+-]?\d+,\d+\s*", re.ASCII)
_PERCENT: Final = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*%\s*", re.ASCII)
_WORDS: Final = {"true": 1, "yes": 1, "y": 1, "false": 0, "no": 0, "n": 0}


class Row:
    """The values of one row.

    Args:
        name: of the file.
        line: on which it begins, from 1.
        values: texts where the file is CSV, else what JSON says.
    """

    __slots__ = ("line", "name", "values")

    def __init__(self, name: str, line: int, values: Mapping[str, Any]) -> None:
        self.name = name
        self.line = line
        self.values = values

    def text(self, column: str) -> str:
        """A text; it may be empty.

        Raises:
            TableError: it is missing or something else.
        """
        value = self.values.get(column)
        if not isinstance(value, str):
            raise self.fault(column, f"a text is needed, got {shown_value(value)}")
        return value

    def number(self, column: str, low: float, high: float, default: float | None = None) -> float:
        """A number in [low, high]; `default`, where there is one, for an empty or missing value.

        Raises:
            TableError: it is missing or something else; says what would be right.
        """
        value = self.values.get(column)
        if default is not None and (value is None or value == ""):
            return default
        number = _number_of(value)
        if number is None or not low <= number <= high:
            got, hint = shown_value(value), _hint(value, low, high)
            raise self.fault(column, f"a number in [{low:g}, {high:g}] is needed, got {got}{hint}")
        return number

    def fault(self, column: str | None, what: str) -> TableError:
        """An error about a value of this row."""
        return TableError(self.name, what, self.line, column)


def _number_of(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)  # a whole number is short: see strict_json.MAX_DIGITS
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return None


def _hint(value: object, low: float, high: float) -> str:
    """What to write instead, where it is plain what was meant."""
    text = str(value).lower() if isinstance(value, str | bool) else ""
    if (word := text.strip()) in _WORDS:
        return f"; write {_WORDS[word]}"
    if share := _PERCENT.fullmatch(text):
        number = float(share[1].replace(",", ".")) / 100
        return f"; write {number:g}" if low <= number <= high == 1.0 else ""
    if _COMMA.fullmatch(text):
        return f"; write {text.strip().replace(',', '.')}"
    return ""
