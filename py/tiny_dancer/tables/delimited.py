"""Rows of CSV, of whatever delimiter: comma, semicolon, tab or bar."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from .fault import TableError, shown
from .row import Row
from .source import MAX_CHARS, Source

DELIMITERS: Final = (",", ";", "\t", "|")

_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_EXCEL: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_INDEX: Final = re.compile(r"Unnamed: \d+(\.\d+)?")


class Delimited:
    """The header and the rows of a CSV file.

    Args:
        source: its lines.
        needs: columns that the caller looks for; they tell the delimiter where it is in doubt.

    Attributes:
        columns: names of the columns, spaces around them left out; "" where the header has none.

    Raises:
        TableError: there is no header, or it is malformed.
    """

    def __init__(self, source: Source, needs: Sequence[str] = ()) -> None:
        import csv  # not where no CSV is read: the edge has none

        if csv.field_size_limit() < MAX_CHARS:  # of the whole process, so it is only ever raised
            csv.field_size_limit(MAX_CHARS)
        self._error = csv.Error
        self._source = source
        self._needs = needs
        self._record: list[str] = []
        lines = iter(source)
        first = next((line for line in lines if line.strip()), None)
        if first is None:
            raise TableError(source.name, "it is empty; a header and rows are needed")
        if first.lstrip().startswith(("{", "[")):
            what = "this looks like JSON, not like a header; if it is JSON lines, name it .jsonl"
            raise TableError(source.name, what, source.line)
        told = _EXCEL.fullmatch(first.strip("\r\n"))
        if told:
            first = next(lines, "")
        self._delimiter = told[1] if told else _delimiter_of(first, needs)
        self._rows = csv.reader(
            self._remember(chain([first], lines)),
            delimiter=self._delimiter,
            strict=True,
            skipinitialspace=_is_spaced(first, self._delimiter),
        )
        self._line = source.line
        header = self._next()
        self.columns = self._named(header or [])

    def __iter__(self) -> Iterator[Row | TableError]:
        name, columns = self._source.name, self.columns
        numbered = [(at, column) for at, column in enumerate(columns) if column]
        known = len(columns) - len(self._unnamed)
        while True:
            self._record.clear()
            self._line = self._source.line + 1
            fields = self._next()
            if fields is None:
                return
            if not fields or (len(fields) == 1 < len(columns) and not fields[0].strip()):
                continue  # an empty line
            beyond = [at for at in self._unnamed if at < len(fields) and fields[at].strip()]
            if len(fields) > len(columns):
                beyond.append(len(columns))
            if beyond:
                delimiter = _NAMES.get(self._delimiter, self._delimiter)
                yield TableError(
                    name,
                    f"{len(fields)} fields, the header has {known}; "
                    f"quote values that hold a {delimiter}",
                    self._line,
                    beyond[0] + 1,
                )
                continue
            yield Row(name, self._line, {c: fields[at] for at, c in numbered if at < len(fields)})

    def _remember(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self._record.append(line)
            yield line

    def _next(self) -> list[str] | None:
        try:
            return next(self._rows, None)
        except self._error as error:
            if "field larger" in str(error):
                what = f"a field of more than {MAX_CHARS:,} characters; is a quote not closed?"
            elif "unexpected end" in str(error):
                what = "the quote that opens this field is not closed before the file ends"
            else:
                what = "the quote that opens this field ends inside it; double quotes in a field"
            column = _open_field(self._record, self._delimiter)
            names = getattr(self, "columns", ())
            named = names[column - 1] if column <= len(names) else ""
            raise TableError(self._source.name, what, self._line, named or column) from None

    def _named(self, header: list[str]) -> tuple[str, ...]:
        names = [name.strip() for name in header]
        # The index that pandas wrote without a name, and what it calls it as it reads it again.
        index = [
            at for at, name in enumerate(names) if _INDEX.fullmatch(name) or (not name and not at)
        ]
        names = ["" if at in index else name for at, name in enumerate(names)]
        self._unnamed = [at for at, name in enumerate(names) if not name and at not in index]
        for column in self._needs:
            if column not in names:
                raise header_fault(self._source.name, column, names, self._line)
        for at, name in enumerate(names):
            if name and name in names[:at]:
                raise TableError(
                    self._source.name,
                    f"the header has this column twice (fields {names.index(name) + 1} and "
                    f"{at + 1}); leave one out or rename it",
                    self._line,
                    name,
                )
        if not any(names):
            raise TableError(self._source.name, "the header names no column", self._line)
        return tuple(names)


def _delimiter_of(header: str, needs: Sequence[str]) -> str:
    """The delimiter that finds the columns looked for; among those the one found most often."""

    def rank(delimiter: str) -> tuple[int, int]:
        names = [part.strip().strip('"') for part in header.split(delimiter)]
        return len(set(needs) & set(names)), len(names)

    return max(DELIMITERS, key=rank)


def _is_spaced(header: str, delimiter: str) -> bool:
    """Whether a space stands after every delimiter, so that it belongs to no value."""
    parts = header.split(delimiter)[1:]
    return delimiter != "\t" and bool(parts) and all(part.startswith(" ") for part in parts)


def _open_field(lines: Sequence[str], delimiter: str) -> int:
    """Number of the field, from 1, in which the quotes of a record go wrong."""
    field, state = 1, "start"
    for character in "".join(lines):
        if state == "quoted":
            state = "quote" if character == '"' else "quoted"
        elif character == delimiter:
            field, state = field + 1, "start"
        elif state == "quote":
            if character == '"':
                state = "quoted"
            elif character not in "\r\n":
                return field
        elif state == "start":
            state = "quoted" if character == '"' else "plain"
    return field


def header_fault(name: str, wanted: str, columns: Iterable[str], line: int | None) -> TableError:
    """What to say where a column is not there."""
    names = [column for column in columns if column]
    near = [c for c in names if c.casefold() == wanted.casefold()]
    hint = f"; name it {wanted}, not {shown(near[0])}" if near else ""
    listed = ", ".join(map(shown, names[:12])) + (", …" if len(names) > 12 else "")
    return TableError(name, f"no column {wanted} among {listed}{hint}", line)
